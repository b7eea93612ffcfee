/** Means over windows of a curve, with their standard errors: a rule compares these, never two single steps. */
import type { StepMetrics } from '../metrics';
import type { Change, Point, SampleSizes } from './types';

/** Assumed where the run does not tell: few, so that noise is over- rather than underestimated. */
const FEW_RESPONSES = 32;
const FEW_EVALUATED = 64;

/** Standard errors of a comparison. By chance: one in 40, in 700, in 30,000; a curve is looked at many times. */
export const PROBABLY = 2;
export const LIKELY = 3;
export const SURELY = 4;

export interface Mean {
  /** First and last step. */
  from: number;
  to: number;
  value: number;
  error: number;
}

export interface Series {
  metric: string;
  /** Finite, ascending by step. */
  points: Point[];
  /** Standard error of a single point with this value. */
  errorOf: (value: number) => number;
}

/** Mean of a list; NaN of an empty one. */
export const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Lower median; NaN of an empty list. */
export const median = (values: readonly number[]): number =>
  values.length ? values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] : NaN;

/**
 * Standard error of a share seen in `n` responses, after Agresti and Coull ("Approximate is better than exact", 1998): two
 * successes and two failures are added, so that 0 of n and n of n are not taken for certain.
 */
export function shareError(share: number, n: number): number {
  const p = (Math.min(1, Math.max(0, share)) * n + 2) / (n + 4);
  return Math.sqrt((p * (1 - p)) / (n + 4));
}

/** The finite values of a metric, and its noise: of its differences from step to step, and of its sampling if it is a share. */
export function seriesOf(metrics: readonly StepMetrics[], metric: string, responses?: number): Series {
  const points = metrics
    .filter((m) => Number.isFinite(m.step) && Number.isFinite(m[metric]))
    .map((m) => ({ step: m.step, value: m[metric] }));
  const differences = points.slice(1).map((p, i) => Math.abs(p.value - points[i].value));
  // Differences of independent normal values have a mean size of 2σ/√π. A trend or a jump only makes it larger.
  const noise = points.length > 2 ? (mean(differences) * Math.sqrt(Math.PI)) / 2 : 0;
  const sampling = (value: number) => (responses === undefined ? 0 : shareError(value, responses));
  return { metric, points, errorOf: (value) => Math.max(noise, sampling(value)) };
}

/** Mean of the points `first` to `last`, both included. */
export function meanOf({ points, errorOf }: Series, first: number, last: number): Mean {
  const n = last - first + 1;
  let sum = 0;
  for (let i = first; i <= last; i++) sum += points[i].value;
  const value = sum / n;
  return { from: points[first].step, to: points[last].step, value, error: errorOf(value) / Math.sqrt(n) };
}

/** The means of `size` successive points, the first at the series' start. */
export const windows = (series: Series, size: number): Mean[] =>
  Array.from({ length: Math.max(0, series.points.length - size + 1) }, (_, i) =>
    meanOf(series, i, i + size - 1),
  );

/**
 * The mean of the last `size` points up to `step`; of the first `size` at the beginning, where fewer than half of them are
 * there. Undefined of a series shorter than that.
 */
export function meanAt(series: Series, step: number, size: number): Mean | undefined {
  const { points } = series;
  if (points.length < size) return undefined;
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle].step <= step) low = middle + 1;
    else high = middle;
  }
  const last = low * 2 < size ? size - 1 : low - 1;
  return meanOf(series, Math.max(0, last - size + 1), last);
}

const differenceError = (a: Mean, b: Mean): number => Math.hypot(a.error, b.error);

/** Whether `b` is above `a` beyond `z` standard errors. */
export const isAbove = (b: Mean, a: Mean, z: number): boolean =>
  b.value - a.value > z * differenceError(a, b);

/** Upper bound of b − a at `z` standard errors. */
export const mostGain = (a: Mean, b: Mean, z: number): number =>
  b.value - a.value + z * differenceError(a, b);

export const change = ({ metric }: Series, a: Mean, b: Mean): Change => ({
  metric,
  from: { step: a.from, value: a.value },
  to: { step: b.to, value: b.value },
});

/** Responses of a step, from the tokens sampled so far and their mean length. */
function responsesOf(metrics: readonly StepMetrics[]): number {
  const counts = metrics
    .slice(1)
    .map((m, i) => (m.num_tokens - metrics[i].num_tokens) / m['completions/mean_length'])
    .filter((n) => n > 0 && Number.isFinite(n));
  return counts.length ? Math.max(1, Math.round(median(counts))) : FEW_RESPONSES;
}

/** What is known of the sample sizes, and careful guesses for the rest. */
export const sampleSizes = (
  metrics: readonly StepMetrics[],
  known: Partial<SampleSizes> = {},
): SampleSizes => ({ step: responsesOf(metrics), greedy: FEW_EVALUATED, sampled: FEW_EVALUATED, ...known });

/** From the first value that is bad to the last one that is; `over` when better ones followed. */
export function spell<T>(values: readonly T[], isBad: (value: T, index: number) => boolean) {
  const first = values.findIndex(isBad);
  if (first < 0) return undefined;
  const last = values.findLastIndex(isBad);
  return { first: values[first], last: values[last], over: last < values.length - 1 };
}
