import { useEffect } from 'react';
import { formatBytes } from '../format';
import { useLab } from '../state/context';
import { StorageDialog } from './StorageDialog';
import { totalSize, useStorage } from './store';

/** What the stored runs take of their budget, above their list. */
export function StorageLine() {
  const runs = useLab((lab) => lab.runs);
  const live = useLab((lab) => lab.live !== null);
  const usageOf = useLab((lab) => lab.usageOf);
  const { sizes, budget, measure } = useStorage();
  useEffect(() => {
    // While a run grows, the reading of all its responses waits.
    if (!live) void measure(runs, usageOf).catch(() => undefined);
  }, [runs, live, measure, usageOf]);
  const total = totalSize(sizes);
  const over = budget > 0 && total > budget * 1e6;
  return (
    <div className="storage-line">
      <p className={over ? 'error' : 'muted'} role="status">
        {over
          ? `The runs take ${formatBytes(total)}, more than their budget of ${formatBytes(budget * 1e6)}. Nothing is deleted unless you do so.`
          : `The runs take ${formatBytes(total)}${budget > 0 ? ` of ${formatBytes(budget * 1e6)}` : ''}.`}
      </p>
      <StorageDialog />
    </div>
  );
}
