import type { ComponentProps } from 'react';
import { readExperiment } from '../../lab/schema';
import type { RunRecord } from '../../store/types';
import { useLab, useThrottled } from '../state/context';
import { useInTurn } from '../state/turns';
import { MetricChart } from './MetricChart';
import { HEALTH_CHARTS, MAIN_CHARTS } from './specs';

const REDRAW_MS = 500;
const NONE: never[] = [];

/** All curves of the open run, redrawn at most twice a second, one after the other. */
export function ChartGrid({ run }: { run: RunRecord }) {
  const live = useLab((lab) => lab.open?.metrics ?? NONE);
  const loaded = useLab((lab) => lab.open?.loaded ?? false);
  const metrics = useThrottled(live, REDRAW_MS, loaded);
  const planned = readExperiment(run.experiment)?.schedule.max_steps ?? 1;
  const lastStep = Math.max(planned, metrics.at(-1)?.step ?? 0);
  return (
    <section className="charts" aria-label="Curves">
      <div className="grid main">
        {MAIN_CHARTS.map((spec) => (
          <ChartInTurn key={spec.title} {...{ spec, metrics, lastStep }} height={180} />
        ))}
      </div>
      <div className="grid health">
        {HEALTH_CHARTS.map((spec) => (
          <ChartInTurn key={spec.title} {...{ spec, metrics, lastStep }} height={96} />
        ))}
      </div>
    </section>
  );
}

function ChartInTurn({ metrics, ...chart }: ComponentProps<typeof MetricChart>) {
  return <MetricChart {...chart} metrics={useInTurn(metrics)} />;
}
