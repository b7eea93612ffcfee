import type { StepMetrics } from '../metrics';
import { PROBABLY, change, isAbove, meanOf, mostGain, seriesOf } from './series';
import type { Rule, SampleSizes } from './types';
import { fromTo } from './words';

/** The base may need ten steps before anything moves; a third of this is long enough to see noise average out. */
const LEAST_STEPS = 30;
/** Gain of the second half of the last third over its first half. */
const LEAST_GAIN = 0.03;
/** From here on there is little left to gain. */
const SOLVED = 0.95;

/** Whether held-out accuracy has risen since a step. */
const areEvaluationsRising = (metrics: readonly StepMetrics[], since: number, sizes: SampleSizes): boolean =>
  (['greedy', 'sampled'] as const).some((mode) => {
    const recent = metrics.filter((m) => m.step >= since);
    const series = seriesOf(recent, `eval/${mode}/accuracy`, sizes[mode]);
    const last = series.points.length - 1;
    return last > 0 && isAbove(meanOf(series, last, last), meanOf(series, 0, 0), PROBABLY);
  });

export const plateau: Rule = {
  id: 'plateau',
  title: 'Plateau',
  severity: 'info',
  charts: ['accuracy'],
  study:
    'A plateau is often a limit of capacity: larger backbones go on where small ones stop, and a cold start by fine-tuning begins above it (sections 3.1 and 4). More rollouts a question and on-policy updates stall later.',
  advice: [
    { settings: ['model.path'], text: 'Start from a larger or a fine-tuned base.' },
    { settings: ['rollout.num_generations', 'rollout.queries_per_step'], text: 'Sample more for each step.' },
    {
      settings: ['kl.schedule', 'kl.beta_end'],
      text: 'Let the KL term go: the cosine to 0 went furthest.',
    },
    {
      settings: ['optimizer.learning_rate', 'rollout.temperature'],
      text: 'If nothing has moved since the start, raise the learning rate or the temperature.',
    },
  ],
  detect(metrics, sizes) {
    const series = seriesOf(metrics, 'accuracy', sizes.step);
    const n = series.points.length;
    if (n < LEAST_STEPS) return [];
    const third = Math.floor((2 * n) / 3);
    const half = third + Math.floor((n - third) / 2);
    const [a, b] = [meanOf(series, third, half - 1), meanOf(series, half, n - 1)];
    if (
      b.value > SOLVED ||
      mostGain(a, b, 1) > LEAST_GAIN ||
      areEvaluationsRising(metrics, series.points[third].step, sizes)
    )
      return [];

    const halves = change(series, a, b);
    return [
      {
        step: a.from,
        evidence: [halves],
        sentence: `Accuracy made no progress in the last third of the steps: ${fromTo(halves)}.`,
      },
    ];
  },
};
