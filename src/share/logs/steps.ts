/** Lines of a log, put together by step. */
import type { StepMetrics } from '../../lab/metrics';

/** A metric's name in the lab for its name in a framework; what has none is left out. */
export type Names = Readonly<Record<string, string>>;

export interface LogLine {
  step: number;
  values: Readonly<Record<string, number>>;
}

export const isStepNumber = (step: unknown): step is number =>
  typeof step === 'number' && Number.isSafeInteger(step) && step >= 0;

const NON_FINITE: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/**
 * JSON as Python writes it, with NaN and ±Infinity, which come back as text; `numberOf` reads them.
 * @throws SyntaxError
 */
export function parsePython(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(/([:[,]\s*)(NaN|-?Infinity)(?=\s*[,}\]])/g, '$1"$2"'));
  }
}

/** Undefined for what is no number. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return NON_FINITE.includes(value) ? Number(value) : undefined;
}

/** The values that the lab has names for. */
export const renamed = (line: object, names: Names): Record<string, number> =>
  Object.fromEntries(
    Object.entries(line).flatMap(([name, value]): [string, number][] => {
      const number = Object.hasOwn(names, name) ? numberOf(value) : undefined;
      return number === undefined ? [] : [[names[name], number]];
    }),
  );

/** One line a step, ascending; of several values of a step the mean, of `num_tokens` the last. */
export function bySteps(lines: readonly LogLine[]): StepMetrics[] {
  const steps = new Map<number, Map<string, number[]>>();
  for (const { step, values } of lines) {
    const collected = steps.get(step) ?? new Map<string, number[]>();
    steps.set(step, collected);
    for (const [name, value] of Object.entries(values)) {
      const known = collected.get(name);
      if (known) known.push(value);
      else collected.set(name, [value]);
    }
  }
  return [...steps]
    .filter(([, collected]) => collected.size > 0)
    .sort(([a], [b]) => a - b)
    .map(([step, collected]) => {
      const values = [...collected].map(([name, all]): [string, number] => [name, together(name, all)]);
      return { step, ...Object.fromEntries(values), ...completionRatios(Object.fromEntries(values)) };
    });
}

const together = (name: string, values: readonly number[]): number =>
  name === 'num_tokens' ? values[values.length - 1] : values.reduce((a, b) => a + b, 0) / values.length;

/** The lab says what was completed, others what was cut. */
function completionRatios(values: Readonly<Record<string, number>>): Record<string, number> {
  const cut = values['completions/clipped_ratio'];
  return cut === undefined ? {} : { completion_ratio: 1 - cut };
}
