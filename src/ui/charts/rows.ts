/** From a run's metrics to the rows of one chart and to its description in words. */
import { METRICS, type MetricInfo, type StepMetrics } from '../../lab/metrics';
import { formatValue } from '../format';
import { lttb } from './lttb';

export const MAX_POINTS = 500;

/** Label, unit, help and range of a metric, evaluation metrics included. */
export function metricInfo(name: string): MetricInfo {
  const base = name
    .replace(/^eval\/(?:[^/]+\/)?(greedy|sampled)\//, '')
    .replace(/^mean_length$/, 'completions/mean_length');
  return METRICS[base] ?? { label: name, unit: '', help: '' };
}

/** The rows that hold any of `names`, at most `limit`: the union of each series' largest triangles. */
export function chartRows(
  metrics: readonly StepMetrics[],
  names: readonly string[],
  limit = MAX_POINTS,
): StepMetrics[] {
  const rows = metrics.filter((m) => names.some((name) => Number.isFinite(m[name])));
  if (rows.length <= limit) return rows;
  const share = Math.floor(limit / names.length);
  const kept = new Set<StepMetrics>();
  for (const name of names) {
    const own = rows.filter((m) => Number.isFinite(m[name]));
    const x = own.map((m) => m.step);
    const y = own.map((m) => m[name]);
    for (const i of lttb(x, y, share)) kept.add(own[i]);
  }
  return rows.filter((m) => kept.has(m));
}

/** What the rows hold under any of `keys`. */
export const valuesOf = (rows: readonly StepMetrics[], keys: readonly string[]): number[] =>
  rows.flatMap((row) => keys.map((key) => row[key]).filter(Number.isFinite));

/** The newest value of a metric, or undefined. */
export function lastValue(metrics: readonly StepMetrics[], name: string): number | undefined {
  return metrics.findLast((m) => Number.isFinite(m[name]))?.[name];
}

/** One sentence for those who do not see the line. */
export function describeSeries(metrics: readonly StepMetrics[], name: string, label: string): string {
  const own = metrics.filter((m) => Number.isFinite(m[name]));
  if (own.length === 0) return `${label}: no values yet.`;
  const { unit } = metricInfo(name);
  const [first, last] = [own[0], own[own.length - 1]];
  if (own.length === 1) return `${label}: ${formatValue(first[name], unit)} at step ${first.step}.`;
  return `${label}: from ${formatValue(first[name], unit)} at step ${first.step} to ${formatValue(last[name], unit)} at step ${last.step}.`;
}

/** Key of a row under which another run's value of a metric stands. */
export const referenceKey = (metric: string): string => `reference ${metric}`;

/** Adds another run's values of `names` to the rows, by step. */
export function withReference(
  rows: readonly StepMetrics[],
  names: readonly string[],
  reference: readonly StepMetrics[] | undefined,
): StepMetrics[] {
  if (!reference) return [...rows];
  const merged = new Map(rows.map((row) => [row.step, row]));
  for (const other of reference) {
    const values = names
      .filter((name) => Number.isFinite(other[name]))
      .map((name): [string, number] => [referenceKey(name), other[name]]);
    if (values.length)
      merged.set(other.step, { step: other.step, ...merged.get(other.step), ...Object.fromEntries(values) });
  }
  return [...merged.values()].sort((a, b) => a.step - b.step);
}
