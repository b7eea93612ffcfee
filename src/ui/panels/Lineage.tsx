import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';

/** Where a fork comes from, and the way to compare it with its parent. */
export function Lineage({ run }: { run: RunRecord }) {
  const parent = useLab((lab) => lab.runs.find(({ id }) => id === run.parent?.run));
  const openRun = useLab((lab) => lab.openRun);
  const compare = useLab((lab) => lab.compare);
  if (!run.parent) return null;
  if (!parent)
    return (
      <p className="muted">Forked at step {run.parent.step} from a run that is no longer stored here.</p>
    );
  return (
    <p className="muted">
      Forked at step {run.parent.step} from{' '}
      <button className="link" onClick={() => void openRun(parent.id)}>
        {parent.name}
      </button>
      .{' '}
      <button className="link" onClick={() => void compare({ kind: 'runs', ids: [parent.id, run.id] })}>
        Compare the two
      </button>
    </p>
  );
}
