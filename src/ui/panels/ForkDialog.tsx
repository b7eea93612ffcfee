import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { CheckpointInfo, RunRecord } from '../../store/types';
import { formatBytes, formatValue } from '../format';
import { useForm } from '../forms/store';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { heldRun } from '../state/reduce';

interface Props {
  run: RunRecord;
  onSettings: () => void;
  onClose: () => void;
}

/** A kept checkpoint is chosen, to begin a fork with or to take the run back to. */
export function ForkDialog({ run, onSettings, onClose }: Props) {
  const checkpointsOf = useLab((lab) => lab.checkpointsOf);
  const rewind = useLab((lab) => lab.rewind);
  const notify = useLab((lab) => lab.notify);
  const held = useLab((lab) => heldRun(lab, run.id) !== null);
  const loadFork = useForm((form) => form.loadFork);
  const [kept, setKept] = useState<readonly CheckpointInfo[]>();
  const [chosen, setChosen] = useState<number>();
  useEffect(() => {
    let isOpen = true;
    void checkpointsOf(run.id).then((found) => {
      if (!isOpen) return;
      setKept(found);
      setChosen(found.at(-1)?.step);
    });
    return () => void (isOpen = false);
  }, [run.id, checkpointsOf]);

  const fork = (step: number) => {
    try {
      loadFork(run.experiment, { run: run.id, name: run.name, step });
      onSettings();
    } catch (error) {
      notify(messageOf(error));
    }
    onClose();
  };
  const dropped = chosen === undefined ? 0 : run.step - chosen;

  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>Fork or rewind “{run.name}”</Dialog.Title>
          <Dialog.Description className="muted">
            A fork is a run of its own that begins with a checkpoint of this one, with the settings you
            change. Rewinding takes this run back to the checkpoint and drops what came after.
          </Dialog.Description>
          {kept?.length === 0 && <p>No checkpoint is kept yet.</p>}
          <ul className="scroll choices" aria-label="Checkpoints">
            {kept?.map(({ step, bytes, score }) => (
              <li key={step}>
                <label>
                  <input
                    type="radio"
                    name="checkpoint"
                    checked={step === chosen}
                    onChange={() => setChosen(step)}
                  />
                  Step {step}{' '}
                  <span className="muted">
                    {score !== undefined && `${formatValue(score, '%')} right, `}
                    {formatBytes(bytes)}
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <div className="dialog-actions">
            <button
              className="primary"
              type="button"
              disabled={chosen === undefined}
              onClick={() => chosen !== undefined && fork(chosen)}
            >
              Set up a fork
            </button>
            <button
              className="danger"
              type="button"
              disabled={held || dropped <= 0}
              onClick={() => {
                if (chosen !== undefined) void rewind(run.id, chosen);
                onClose();
              }}
            >
              {dropped > 0 ? `Rewind and delete ${dropped} ${dropped === 1 ? 'step' : 'steps'}` : 'Rewind'}
            </button>
            <Dialog.Close type="button">Cancel</Dialog.Close>
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
