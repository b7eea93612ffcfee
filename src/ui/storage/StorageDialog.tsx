import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { CheckpointInfo } from '../../store/types';
import { formatBytes } from '../format';
import { useLab } from '../state/context';
import { heldRun } from '../state/reduce';
import { NumberSetting } from './NumberSetting';
import { planPruning } from './plan';
import { useStorage } from './store';

/** The budget of the stored runs, which checkpoints new runs keep, and what can go of those there are. */
export function StorageDialog() {
  const { budget, keepEvery, change } = useStorage();
  const [quota, setQuota] = useState<string>();
  return (
    <Dialog.Root
      onOpenChange={(open) => {
        if (open) void readQuota().then(setQuota);
      }}
    >
      <Dialog.Trigger className="link">Storage …</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>Storage of runs</Dialog.Title>
          <Dialog.Description className="muted">
            Settings, curves and responses of a run are kept whole. Of its checkpoints the last two, the best
            by greedy accuracy, and one of every so many steps are kept; the others give way as the run goes
            on.
            {quota && ` ${quota}`}
          </Dialog.Description>
          <NumberSetting
            label="Keep a checkpoint of every … steps, in new runs"
            help="Where a run can be forked or taken back to. 0: only the best and the last two."
            value={keepEvery}
            onChange={(value) => change({ keepEvery: value })}
          />
          <NumberSetting
            label="Budget in MB"
            help="When the runs take more, the page says so; it deletes nothing. 0: no budget."
            value={budget}
            onChange={(value) => change({ budget: value })}
          />
          <Pruning />
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

async function readQuota(): Promise<string | undefined> {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  if (usage === undefined || quota === undefined) return undefined;
  return `On disk, compressed, the browser counts ${formatBytes(usage)} for this page, and allows ${formatBytes(quota)}.`;
}

/** Removing checkpoints of stored runs: what would go is told before it does. */
function Pruning() {
  const runs = useLab((lab) => lab.runs);
  const held = useLab((lab) => lab.runs.filter(({ id }) => heldRun(lab, id)).length);
  const checkpointsOf = useLab((lab) => lab.checkpointsOf);
  const prune = useLab((lab) => lab.prune);
  const forget = useStorage((storage) => storage.forget);
  const [best, setBest] = useState(true);
  const [every, setEvery] = useState(0);
  const [kept, setKept] = useState<Readonly<Record<string, CheckpointInfo[]>>>({});
  useEffect(() => {
    let isOpen = true;
    const read = async () => {
      const found = await Promise.all(runs.map(async ({ id }) => [id, await checkpointsOf(id)] as const));
      if (isOpen) setKept(Object.fromEntries(found));
    };
    void read().catch(() => undefined);
    return () => void (isOpen = false);
  }, [runs, checkpointsOf]);

  const plans = Object.entries(kept)
    .map(([id, checkpoints]) => ({ id, ...planPruning(checkpoints, { best, every }) }))
    .filter(({ count }) => count > 0);
  const count = plans.reduce((sum, plan) => sum + plan.count, 0);
  const bytes = plans.reduce((sum, plan) => sum + plan.bytes, 0);
  return (
    <section className="free-room" aria-labelledby="free-room">
      <h3 id="free-room">Free room</h3>
      <p className="muted">
        Of every stored run the newest checkpoint stays. What goes cannot be brought back; curves and
        responses stay.
      </p>
      <label>
        <input type="checkbox" checked={best} onChange={(event) => setBest(event.target.checked)} /> Keep the
        best
      </label>
      <NumberSetting label="Keep those of every … steps" help="0: none." value={every} onChange={setEvery} />
      <div className="dialog-actions">
        <button
          type="button"
          className="danger"
          disabled={count === 0 || held > 0}
          onClick={() => {
            for (const { id } of plans) forget(id);
            void prune(plans);
          }}
        >
          {count === 0
            ? 'No checkpoint to delete'
            : `Delete ${count} ${count === 1 ? 'checkpoint' : 'checkpoints'} of ${plans.length} ${plans.length === 1 ? 'run' : 'runs'}, ${formatBytes(bytes)}`}
        </button>
        {held > 0 && <span className="muted">Not while a run is under way.</span>}
      </div>
    </section>
  );
}
