import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import type { RunRecord } from '../../store/types';
import { formatAgo, formatValue } from '../format';
import { useForm } from '../forms/store';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { shownStatus } from '../state/reduce';
import { DeleteDialog, RenameDialog } from './RunDialogs';
import { StatusPill } from './StatusPill';

interface Props {
  onOpen: () => void;
  onSettings: () => void;
}

/** The runs stored in this browser, newest first. */
export function RunList({ onOpen, onSettings }: Props) {
  const runs = useLab((lab) => lab.runs);
  const listed = useLab((lab) => lab.listed);
  const [dialog, setDialog] = useState<{ kind: 'rename' | 'delete'; run: RunRecord } | null>(null);
  const close = () => setDialog(null);
  if (runs.length === 0) {
    return (
      <p className="muted pad">
        {listed
          ? 'No runs yet. Every run is kept in this browser and shows up here.'
          : 'Reading stored runs …'}
      </p>
    );
  }
  return (
    <>
      <ul className="runs">
        {runs.map((run) => (
          <RunItem
            key={run.id}
            run={run}
            onOpen={onOpen}
            onSettings={onSettings}
            onDialog={(kind) => setDialog({ kind, run })}
          />
        ))}
      </ul>
      {dialog?.kind === 'rename' && <RenameDialog run={dialog.run} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteDialog run={dialog.run} onClose={close} />}
    </>
  );
}

function RunItem({
  run,
  onOpen,
  onSettings,
  onDialog,
}: Props & { run: RunRecord; onDialog: (kind: 'rename' | 'delete') => void }) {
  const live = useLab((lab) => lab.live);
  const isOpen = useLab((lab) => lab.open?.id === run.id);
  const canContinue = useLab((lab) => lab.engine.state === 'ready' && lab.live === null && lab.busy === null);
  const accuracy = useLab((lab) => lab.accuracy[run.id]);
  const openRun = useLab((lab) => lab.openRun);
  const continueRun = useLab((lab) => lab.continueRun);
  const notify = useLab((lab) => lab.notify);
  const load = useForm((form) => form.load);
  const [now] = useState(() => Date.now());
  const status = shownStatus(run, live);
  const isLive = live?.runId === run.id;

  const copySettings = () => {
    try {
      load(run.experiment);
      onSettings();
    } catch (error) {
      notify(messageOf(error));
    }
  };

  return (
    <li className="run" data-open={isOpen}>
      <button
        className="run-open"
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => {
          void openRun(run.id);
          onOpen();
        }}
      >
        <span className="run-name">{run.name}</span>
        <span className="run-line">
          <StatusPill status={status} />
          <span>step {run.step}</span>
          {accuracy !== undefined && (
            <span title="Newest greedy evaluation">{formatValue(accuracy, '%')} right</span>
          )}
        </span>
        <span className="muted">{formatAgo(run.createdAt, now)}</span>
      </button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="more" aria-label={`Actions for ${run.name}`}>
          ⋯
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" collisionPadding={8}>
            {!isLive && status !== 'finished' && (
              <DropdownMenu.Item
                disabled={!canContinue}
                onSelect={() => {
                  void continueRun(run.id);
                  onOpen();
                }}
              >
                Continue from the last checkpoint
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item onSelect={copySettings}>Copy settings to the form</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={() => onDialog('rename')}>Rename …</DropdownMenu.Item>
            <DropdownMenu.Item className="danger" disabled={isLive} onSelect={() => onDialog('delete')}>
              Delete …
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
}
