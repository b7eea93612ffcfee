import { useMemo } from 'react';
import { totalSteps } from '../../lab/schedule';
import { referenceSentence } from '../../lab/plot';
import { readExperiment } from '../../lab/schema';
import { furtherSets, type StepMetrics } from '../../lab/metrics';
import type { RunRecord } from '../../store/types';
import type { Curves } from '../state/signals';
import { useInTurn } from '../state/turns';
import { MetricChart } from './MetricChart';
import { markersOf } from './markers';
import { lastValue } from './rows';
import { furtherSetChart, HEALTH_CHARTS, MAIN_CHARTS, type ChartSpec } from './specs';

/** All curves of the open run, redrawn one after the other. */
export function ChartGrid({ run, curves }: { run: RunRecord; curves: Curves }) {
  const { metrics } = curves;
  const { reference } = run;
  const experiment = readExperiment(run.experiment);
  const planned = experiment ? totalSteps(experiment) : 1;
  const lastStep = Math.max(planned, metrics.at(-1)?.step ?? 0);
  const sets = furtherSets([metrics]).join();
  const furtherCharts = useMemo(() => sets.split(',').filter(Boolean).map(furtherSetChart), [sets]);
  const hasValues = ({ optional, series }: ChartSpec) =>
    !optional || series.some((s) => lastValue(metrics, s.metric) !== undefined);
  return (
    <section className="charts" aria-label="Curves">
      {reference && <p className="muted">{referenceSentence(run.parent !== undefined)}</p>}
      <div className="grid main">
        {[...MAIN_CHARTS.filter(hasValues), ...furtherCharts].map((spec) => (
          <ChartInTurn key={spec.title} {...{ spec, curves, reference, lastStep }} height={180} />
        ))}
      </div>
      <div className="grid health">
        {HEALTH_CHARTS.filter(hasValues).map((spec) => (
          <ChartInTurn key={spec.title} {...{ spec, curves, reference, lastStep }} height={96} />
        ))}
      </div>
    </section>
  );
}

interface Props {
  spec: ChartSpec;
  curves: Curves;
  reference: readonly StepMetrics[] | undefined;
  lastStep: number;
  height: number;
}

function ChartInTurn(props: Props) {
  const { curves, spec, ...size } = props;
  const shown = useInTurn(curves);
  const markers = useMemo(() => shown && markersOf(shown.signals, spec), [shown, spec]);
  if (!shown || !markers) return <figure className="chart" style={{ minHeight: size.height }} />;
  return <MetricChart {...size} spec={spec} metrics={shown.metrics} markers={markers} />;
}
