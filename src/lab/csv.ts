import Papa from 'papaparse';
import type { StepMetrics } from './metrics';

/**
 * Metrics as CSV: a line a step, a column a metric, empty where a step does not have it; NaN and ±Infinity by these names.
 * @param names of the columns after `step`; every metric there is, otherwise
 */
export function metricsCsv(
  metrics: readonly StepMetrics[],
  names: readonly string[] = [...new Set(metrics.flatMap((line) => Object.keys(line)))],
): string {
  const columns = ['step', ...names.filter((name) => name !== 'step')];
  const lines = metrics.filter((line) =>
    columns.some((name) => name !== 'step' && Object.hasOwn(line, name)),
  );
  const data = lines.map((line) =>
    columns.map((name) => (Object.hasOwn(line, name) ? line[name] : undefined)),
  );
  // A name may be a stranger's: spreadsheets compute what begins like a formula.
  return `${Papa.unparse({ fields: columns, data }, { newline: '\n', escapeFormulae: true })}\n`;
}
