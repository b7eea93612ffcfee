/** Means over seeds, with intervals that say how far to trust them. */

export interface Interval {
  mean: number;
  /** 95 %; of a single value there is none, and both ends are NaN. */
  low: number;
  high: number;
  /** How many values. */
  n: number;
}

/** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131,
  2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** The quantile at whole degrees of freedom, rounded down: the cautious side. */
export function tQuantile(degrees: number): number {
  if (!(degrees >= 1)) return Infinity;
  return degrees > 30 ? 1.96 + 2.4 / degrees : T[Math.floor(degrees) - 1];
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (values.length - 1);
}

/** The mean of runs that differ in their seed, with Student's interval. */
export function meanInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = n ? meanOf(values) : NaN;
  if (n < 2) return { mean, low: NaN, high: NaN, n };
  const half = tQuantile(n - 1) * Math.sqrt(varianceOf(values) / n);
  return { mean, low: mean - half, high: mean + half, n };
}

/** mean(a) − mean(b) with Welch's interval; without one when either has fewer than two values. */
export function differenceInterval(a: readonly number[], b: readonly number[]): Interval {
  const mean = meanOf(a) - meanOf(b);
  const n = Math.min(a.length, b.length);
  if (n < 2) return { mean, low: NaN, high: NaN, n };
  const [va, vb] = [varianceOf(a) / a.length, varianceOf(b) / b.length];
  const error = Math.sqrt(va + vb);
  const degrees =
    error === 0 ? Infinity : (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
  const half = error === 0 ? 0 : tQuantile(degrees) * error;
  return { mean, low: mean - half, high: mean + half, n };
}

/** Wilson's 95 % interval of a share: `hits` of `n`. Nothing is known of 0 of 0. */
export function wilsonInterval(hits: number, n: number): Interval {
  if (n === 0) return { mean: NaN, low: NaN, high: NaN, n };
  const z = 1.96;
  const p = hits / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { mean: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half), n };
}
