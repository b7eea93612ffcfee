import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';
import { MAX_CHOSEN } from '../state/hash';

/** Choosing the stored runs to lay beside this one. */
export function CompareDialog({
  run,
  onOpen,
  onClose,
}: {
  run: RunRecord;
  onOpen: () => void;
  onClose: () => void;
}) {
  const runs = useLab((lab) => lab.runs);
  const compare = useLab((lab) => lab.compare);
  const [chosen, setChosen] = useState<readonly string[]>([run.id]);
  const toggle = (id: string) =>
    setChosen((before) => (before.includes(id) ? before.filter((x) => x !== id) : [...before, id]));
  const candidates = runs.filter(({ status, step }) => status !== 'queued' || step > 0);
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>Compare with …</Dialog.Title>
          <Dialog.Description className="muted">
            Two to {MAX_CHOSEN} stored runs, laid side by side.
          </Dialog.Description>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void compare({ kind: 'runs', ids: chosen });
              onOpen();
              onClose();
            }}
          >
            <ul className="scroll choices">
              {candidates.map(({ id, name, step }) => (
                <li key={id}>
                  <label>
                    <input
                      type="checkbox"
                      checked={chosen.includes(id)}
                      disabled={!chosen.includes(id) && chosen.length >= MAX_CHOSEN}
                      onChange={() => toggle(id)}
                    />
                    {name} <span className="muted">step {step}</span>
                  </label>
                </li>
              ))}
            </ul>
            <div className="dialog-actions">
              <button className="primary" type="submit" disabled={chosen.length < 2}>
                Compare
              </button>
              <Dialog.Close type="button">Cancel</Dialog.Close>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
