/** From the metrics of arms to the rows of one chart and to its description in words. */
import type { StepMetrics } from '../../lab/metrics';
import { meanAndBand } from '../../lab/plot';
import { chartRows, describeSeries } from '../charts/rows';
import type { SideMetrics } from './sides';

/** Keys of a row: an arm's mean, lowest and highest over its runs, and the line of one unfinished run. */
export const meanKey = (arm: number): string => `mean ${arm}`;
export const lowKey = (arm: number): string => `low ${arm}`;
export const highKey = (arm: number): string => `high ${arm}`;
export const runKey = (id: string): string => `run ${id}`;

/** Each row is drawn once for every line and band, so there are fewer of them than in the chart of a single run. */
const MAX_ROWS = 250;

/** The rows of a chart that shows `metric`, by step, at most `limit` of them. */
export function armRows(
  sides: readonly SideMetrics[],
  metric: string,
  limit: number = MAX_ROWS,
): StepMetrics[] {
  const rows = new Map<number, StepMetrics>();
  const put = (step: number, key: string, value: number) => {
    const row = rows.get(step) ?? { step };
    row[key] = value;
    rows.set(step, row);
  };
  for (const [arm, { runs, unfinished }] of sides.entries()) {
    const { steps, mean, low, high } = meanAndBand(runs, metric);
    for (const [i, step] of steps.entries()) {
      put(step, meanKey(arm), mean[i]);
      put(step, lowKey(arm), low[i]);
      put(step, highKey(arm), high[i]);
    }
    for (const { id, metrics } of unfinished)
      for (const m of metrics) if (Number.isFinite(m[metric])) put(m.step, runKey(id), m[metric]);
  }
  const means = sides.map((_, arm) => meanKey(arm));
  const underWay = sides.flatMap(({ unfinished }) => unfinished.map(({ id }) => runKey(id)));
  return chartRows(
    [...rows.values()].sort((a, b) => a.step - b.step),
    // Many runs under way would leave each line a share too small for its shape.
    [...means, ...underWay].slice(0, 12),
    limit,
  );
}

/** One sentence an arm, for those who do not see the lines. */
export function describeArms(sides: readonly SideMetrics[], metric: string): string {
  return sides
    .map(({ arm, runs, unfinished }) => {
      const { steps, mean } = meanAndBand(runs, metric);
      if (steps.length) {
        const means = steps.map((step, i) => ({ step, [metric]: mean[i] }));
        return describeSeries(means, metric, runs.length > 1 ? `${arm}, mean of ${runs.length} runs` : arm);
      }
      return describeSeries(unfinished.find(({ metrics }) => metrics.length > 0)?.metrics ?? [], metric, arm);
    })
    .join(' ');
}
