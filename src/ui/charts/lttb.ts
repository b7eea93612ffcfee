/**
 * Largest-Triangle-Three-Buckets: the points that keep a line's shape (Steinarsson, "Downsampling time series for visual
 * representation", 2013). `x` ascending. Returns the ascending indices kept: all of them when there are at most `limit`,
 * else exactly `limit` (≥ 3), first and last included.
 */
export function lttb(x: ArrayLike<number>, y: ArrayLike<number>, limit: number): number[] {
  const n = x.length;
  if (n <= limit) return Array.from({ length: n }, (_, i) => i);
  const kept = [0];
  const size = (n - 2) / (limit - 2);
  for (let bucket = 0; bucket < limit - 2; bucket++) {
    const start = Math.floor(bucket * size) + 1;
    const end = Math.floor((bucket + 1) * size) + 1;
    const nextEnd = Math.min(Math.floor((bucket + 2) * size) + 1, n);
    let meanX = 0;
    let meanY = 0;
    for (let i = end; i < nextEnd; i++) {
      meanX += x[i] / (nextEnd - end);
      meanY += y[i] / (nextEnd - end);
    }
    const a = kept[kept.length - 1];
    let best = start;
    let bestArea = -1;
    for (let i = start; i < end; i++) {
      const area = Math.abs((x[a] - meanX) * (y[i] - y[a]) - (x[a] - x[i]) * (meanY - y[a]));
      if (area > bestArea) [best, bestArea] = [i, area];
    }
    kept.push(best);
  }
  kept.push(n - 1);
  return kept;
}
