import type { ComponentProps } from 'react';
import { experimentSchema } from '../../lab/schema';
import type { RunRecord } from '../../store/types';
import { useInTurn, useLab, useThrottled } from '../state/context';
import { MetricChart } from './MetricChart';
import { HEALTH_CHARTS, MAIN_CHARTS } from './specs';

const REDRAW_MS = 500;
const NONE: never[] = [];

/** All curves of the open run, redrawn at most twice a second, one after the other. */
export function ChartGrid({ run }: { run: RunRecord }) {
  const live = useLab((lab) => lab.open?.metrics ?? NONE);
  const loaded = useLab((lab) => lab.open?.loaded ?? false);
  const metrics = useThrottled(live, REDRAW_MS, loaded);
  const parsed = experimentSchema.safeParse(run.experiment);
  const planned = parsed.success ? parsed.data.schedule.max_steps : 1;
  const lastStep = Math.max(planned, metrics.at(-1)?.step ?? 0);
  return (
    <section className="charts" aria-label="Curves">
      <div className="grid main">
        {MAIN_CHARTS.map((spec, i) => (
          <ChartInTurn key={spec.title} turn={i} {...{ spec, metrics, lastStep }} height={180} />
        ))}
      </div>
      <div className="grid health">
        {HEALTH_CHARTS.map((spec, i) => (
          <ChartInTurn
            key={spec.title}
            turn={MAIN_CHARTS.length + i}
            {...{ spec, metrics, lastStep }}
            height={96}
          />
        ))}
      </div>
    </section>
  );
}

function ChartInTurn({ turn, metrics, ...chart }: ComponentProps<typeof MetricChart> & { turn: number }) {
  return <MetricChart {...chart} metrics={useInTurn(metrics, turn)} />;
}
