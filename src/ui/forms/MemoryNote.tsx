import { useEffect, useState } from 'react';
import type { ExperimentMemory } from '../../lab/memory';
import type { Experiment } from '../../lab/schema';
import { formatBytes } from '../format';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { FIELDS } from './fields';

/** Above so many bytes it is said what would take fewer: half of what a laptop's graphics card often has. */
const MUCH = 4e9;
/** Of typing, before the estimate is made again. */
const PAUSE_MS = 300;

type Labels = Readonly<Record<string, string>>;
type Estimate = { memory: ExperimentMemory; labels: Labels } | { problem: string };

/** What the experiment takes of GPU memory, told before anything is loaded. */
export function MemoryNote({ experiment }: { experiment: Experiment | undefined }) {
  const estimate = useEstimate(experiment);
  if (!estimate) return null;
  if ('problem' in estimate) return <p className="error">{estimate.problem}</p>;
  const { memory, labels } = estimate;
  const parts = Object.entries(memory.parts).filter(([, bytes]) => bytes > 0);
  return (
    <details className="memory">
      <summary className={memory.bytes > MUCH ? 'warning' : 'muted'}>
        Takes {formatBytes(memory.bytes)} of GPU memory
      </summary>
      <dl>
        {parts.map(([part, bytes]) => (
          <div key={part}>
            <dt>{labels[part]}</dt>
            <dd>{formatBytes(bytes)}</dd>
          </div>
        ))}
      </dl>
      {memory.savings.length > 0 && (
        <p className="muted">
          Less with{' '}
          {memory.savings
            .map(({ setting, to, bytes }) => `${labelOf(setting)}: ${to} (${formatBytes(bytes)})`)
            .join(', then ')}
          .
        </p>
      )}
    </details>
  );
}

const labelOf = (path: string): string => FIELDS.find((field) => field.path === path)?.label ?? path;

/** Null before the first one, and while there is no engine or no sound experiment. */
function useEstimate(experiment: Experiment | undefined): Estimate | null {
  const limits = useLab((lab) => (lab.engine.state === 'ready' ? lab.engine.adapter.limits : undefined));
  const [estimate, setEstimate] = useState<Estimate | null>(null);
  useEffect(() => {
    if (!experiment || !limits) return;
    let isCurrent = true;
    const show = (next: Estimate) => {
      if (isCurrent) setEstimate(next);
    };
    const timer = setTimeout(() => {
      estimateOf(experiment, limits).then(show, (error: unknown) => show({ problem: messageOf(error) }));
    }, PAUSE_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [experiment, limits]);
  return experiment && limits ? estimate : null;
}

/** The engine's sizes come with its kernels' texts: they are not part of the page's first load. */
async function estimateOf(
  experiment: Experiment,
  { maxBufferSize, maxStorageBufferBindingSize }: Readonly<Record<string, number>>,
): Promise<Estimate> {
  const { memoryOf, PART_LABELS } = await import('../../lab/memory');
  const { namedConfig } = await import('../../lab/models/config');
  const config = await namedConfig(experiment.model.path, document.baseURI);
  const memory = memoryOf(experiment, config, { maxBufferSize, maxStorageBufferBindingSize });
  return { memory, labels: PART_LABELS };
}
