/** A run's curves, small enough for a link: what the study watches, down-sampled, three significant digits. */
import { z } from 'zod';
import type { StepMetrics } from '../lab/metrics';

/** Steps of a shared run: enough for the shape of a curve on a screen. */
export const MAX_SHARED_STEPS = 60;

/** What the study watches (section 2.2 of arXiv 2503.04548), on the training rollouts and on the held-out set. */
export const SHARED_METRICS: readonly string[] = [
  'reward',
  'accuracy',
  'completions/mean_length',
  'completion_ratio',
  'keywords/any',
  'entropy',
  ...['greedy', 'sampled'].flatMap((mode) =>
    ['accuracy', 'mean_length', 'completion_ratio', 'keywords/any'].map((name) => `eval/${mode}/${name}`),
  ),
];

/** Of a further set of the evaluation only how right the model is. */
const FURTHER = /^eval\/[a-z]{1,20}(:\d{1,3}(-\d{1,3})?)?\/(greedy|sampled)\/accuracy$/;
const MOST_FURTHER = 16;

const isShared = (name: string): boolean => SHARED_METRICS.includes(name) || FURTHER.test(name);

/** Values by metric, one for each step; null where a step does not have it. */
export const sharedCurvesSchema = z.strictObject({
  steps: z.array(z.int().min(0).max(10_000_000)).max(MAX_SHARED_STEPS),
  values: z.record(
    z.string().refine(isShared),
    z.array(z.number().min(-1e12).max(1e12).nullable()).max(MAX_SHARED_STEPS),
  ),
});
export type SharedCurves = z.output<typeof sharedCurvesSchema>;

/** Evaluations, first and last step are kept, and of the others as many as there is room for, evenly. */
export function shareCurves(metrics: readonly StepMetrics[]): SharedCurves {
  const known = metrics.filter((m) => SHARED_METRICS.some((name) => Number.isFinite(m[name])));
  const special = known.filter(
    (m, i) => i === 0 || i === known.length - 1 || m['eval/greedy/accuracy'] !== undefined,
  );
  const evals = evenly(special, MAX_SHARED_STEPS);
  const others = known.filter((m) => !special.includes(m));
  const kept = [...evals, ...evenly(others, MAX_SHARED_STEPS - evals.length)].sort((a, b) => a.step - b.step);
  const further = [...new Set(kept.flatMap(Object.keys))].filter((name) => FURTHER.test(name));
  const values = [...SHARED_METRICS, ...further.slice(0, MOST_FURTHER)].map(
    (name): [string, (number | null)[]] => [
      name,
      kept.map((m) => (Number.isFinite(m[name]) ? Number(m[name].toPrecision(3)) : null)),
    ],
  );
  return {
    steps: kept.map((m) => m.step),
    values: Object.fromEntries(values.filter(([, line]) => line.some((value) => value !== null))),
  };
}

/** As rows of metrics, for the charts. */
export function sharedRows({ steps, values }: SharedCurves): StepMetrics[] {
  const lines = Object.entries(values);
  return steps.map((step, i) => {
    const known = lines.flatMap(([name, line]): [string, number][] => {
      const value = line.at(i);
      return value == null ? [] : [[name, value]];
    });
    return { ...Object.fromEntries(known), step };
  });
}

function evenly<T>(list: readonly T[], most: number): T[] {
  if (list.length <= most) return [...list];
  if (most <= 1) return list.slice(0, most);
  return Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / (most - 1))]);
}
