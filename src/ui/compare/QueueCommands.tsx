import { AlertDialog } from 'radix-ui';
import { useState } from 'react';
import { useLab } from '../state/context';
import { isUnfinished } from '../state/comparisons';
import { whyNot } from '../state/engine';
import type { SideArm } from './sides';

/** Pausing, stopping, continuing and removing a planned comparison. */
export function QueueCommands({ id, title, arms }: { id: string; title: string; arms: readonly SideArm[] }) {
  const [removing, setRemoving] = useState(false);
  const underWay = useLab((lab) => lab.queue?.comparison === id);
  const live = useLab((lab) => lab.live);
  const busy = useLab((lab) => lab.busy);
  const occupied = useLab(whyNot);
  const command = useLab((lab) => lab.command);
  const runQueue = useLab((lab) => lab.runQueue);
  const unfinished = useLab((lab) => arms.some(({ runs }) => runs.some((run) => isUnfinished(run, lab))));
  const ours = live !== null && arms.some(({ runs }) => runs.some((run) => run.id === live.runId));
  return (
    <div className="commands">
      {underWay && live?.status === 'paused' && (
        <button className="primary" onClick={() => void command('unpause')} disabled={busy !== null}>
          Resume
        </button>
      )}
      {underWay && live?.status !== 'paused' && (
        <button onClick={() => void command('pause')} disabled={busy !== null || live === null}>
          {busy === 'pause' ? 'Pausing …' : 'Pause'}
        </button>
      )}
      {underWay && (
        <button onClick={() => void command('stop')} disabled={busy !== null}>
          {busy === 'stop' ? 'Stopping …' : 'Stop'}
        </button>
      )}
      {!underWay && unfinished && (
        <button
          className="primary"
          onClick={() => void runQueue(id)}
          disabled={occupied !== null || busy !== null}
          title={occupied ?? undefined}
        >
          Continue
        </button>
      )}
      {!underWay && (
        <button onClick={() => setRemoving(true)} disabled={busy !== null || ours}>
          Delete …
        </button>
      )}
      {removing && <RemoveDialog {...{ id, title }} onClose={() => setRemoving(false)} />}
    </div>
  );
}

function RemoveDialog({ id, title, onClose }: { id: string; title: string; onClose: () => void }) {
  const removeComparison = useLab((lab) => lab.removeComparison);
  return (
    <AlertDialog.Root open onOpenChange={onClose}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title>Delete the comparison “{title}”?</AlertDialog.Title>
          <AlertDialog.Description>
            Its runs are removed from this browser, but for those that another comparison shares. This cannot
            be undone.
          </AlertDialog.Description>
          <div className="dialog-actions">
            <AlertDialog.Action className="primary danger" onClick={() => void removeComparison(id)}>
              Delete
            </AlertDialog.Action>
            <AlertDialog.Cancel>Keep</AlertDialog.Cancel>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
