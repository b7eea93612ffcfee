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

/** The rows of a chart that shows `metric`, by step, at most `limit` of them. */
export function armRows(sides: readonly SideMetrics[], metric: string, limit?: number): StepMetrics[] {
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
  const lines = sides.flatMap(({ unfinished }, arm) => [
    meanKey(arm),
    ...unfinished.map(({ id }) => runKey(id)),
  ]);
  return chartRows(
    [...rows.values()].sort((a, b) => a.step - b.step),
    lines,
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
      return describeSeries(unfinished[0]?.metrics ?? [], metric, arm);
    })
    .join(' ');
}
