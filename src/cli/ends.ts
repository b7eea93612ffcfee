/** The evaluations before and after training, as a table for people. */
import { END_METRICS, shown } from '../lab/comparisons/verdict';
import { evalName, furtherSets, type StepMetrics } from '../lab/metrics';
import { row } from './output';

const METRICS = END_METRICS.filter(({ metric }) => metric.startsWith('eval/'));

/**
 * A line for each set that the run was evaluated on: the first evaluation and the newest. Shares in percent.
 * @param own what the experiment's own set is called
 * @returns nothing where there is no evaluation after training
 */
export function endLines(metrics: readonly StepMetrics[], own: string): string[] {
  const evaluations = metrics.filter((line) => METRICS.some(({ metric }) => Number.isFinite(line[metric])));
  const [first, last] = [evaluations.at(0), evaluations.at(-1)];
  if (!first || !last || first === last) return [];
  const cells = [undefined, ...furtherSets([metrics])].map((set) => [
    set ?? own,
    ...METRICS.map(({ metric, share }) => {
      const name = evalName(metric, set);
      return `${shown(first[name], share)} → ${shown(last[name], share)}`;
    }),
  ]);
  const table = [['', ...METRICS.map(({ label, share }) => (share ? `${label}, %` : label))], ...cells];
  const widths = table[0].map((_, column) => Math.max(...table.map((line) => line[column].length)));
  return table.map((line) => row(line, widths));
}
