/** What a chart's menu hands out. */
import { useEffect, useMemo, useRef } from 'react';
import { metricsCsv } from '../../lab/csv';
import type { StepMetrics } from '../../lab/metrics';
import { plotPanelSvg } from '../../lab/plot';
import type { ChartFiles } from './ChartMenu';
import { metricInfo } from './rows';
import type { ChartSpec } from './specs';

/** The newest value, for a function that is called later. */
export function useLatest<T>(value: T): () => T {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  return useMemo(() => () => latest.current, []);
}

/** All points, not only the drawn ones; the picture has the thin lines too. The same object while `spec` is the same. */
export function useChartFiles(
  spec: ChartSpec,
  metrics: readonly StepMetrics[],
  reference?: readonly StepMetrics[],
): ChartFiles {
  const latest = useLatest({ metrics, reference });
  return useMemo(() => {
    const { title, series } = spec;
    const { unit } = metricInfo(series[0].metric);
    const share = unit === '%';
    const panel = {
      title: unit && !share ? `${title}, ${unit}` : title,
      share,
      metrics: series.map(({ metric, label }) => ({ name: metric, label })),
    };
    const names = series.map(({ metric }) => metric);
    return {
      title,
      svg: () => plotPanelSvg(panel, [latest().metrics], latest().reference),
      csv: () => metricsCsv(latest().metrics, names),
    };
  }, [spec, latest]);
}
