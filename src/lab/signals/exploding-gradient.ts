import type { StepMetrics } from '../metrics';
import { median, spell } from './series';
import type { Change, Rule } from './types';
import { worded } from './words';

/** Steps before it that a gradient norm is compared with, and how many there have to be. */
const MEMORY = 20;
const LEAST_MEMORY = 3;
/** Of the median; healthy runs reach 2.5. */
const FACTOR = 5;
/** Of the largest one: where most steps have no gradient, an ordinary one is no explosion. */
const ABOVE_LARGEST = 2;

interface Spike {
  step: number;
  value: number;
  /** Median of the steps before it, and the first of them. */
  usual: number;
  since: number;
}

/** Every step, with what was usual before; former spikes are not usual. */
function* judged(metrics: readonly StepMetrics[]): Generator<Spike & { isSpike: boolean }> {
  const memory: { step: number; value: number }[] = [];
  for (const { step, grad_norm: value } of metrics) {
    if (value === undefined || value === 0) continue;
    const before = memory.map((p) => p.value);
    const usual = median(before);
    const isSpike =
      !Number.isFinite(value) ||
      (before.length >= LEAST_MEMORY &&
        value > Math.max(FACTOR * usual, ABOVE_LARGEST * Math.max(...before)));
    yield { step, value, usual, since: memory[0]?.step ?? step, isSpike };
    if (isSpike) continue;
    memory.push({ step, value });
    if (memory.length > MEMORY) memory.shift();
  }
}

const evidenceOf = ({ step, value, usual, since }: Spike): Change => ({
  metric: 'grad_norm',
  from: { step: since, value: usual },
  to: { step, value },
});

export const explodingGradient: Rule = {
  id: 'exploding-gradient',
  title: 'Exploding gradient',
  severity: 'alarm',
  charts: ['grad_norm'],
  study:
    'Not studied by itself: its runs keep learning rates of 1e-6 to 2e-6 and large batches, which were faster and steadier than small ones (section 3.1).',
  advice: [
    { settings: ['optimizer.learning_rate'], text: 'Lower the learning rate by three to ten times.' },
    { settings: ['optimizer.max_grad_norm'], text: 'Clip below the usual norm.' },
    {
      settings: ['rollout.queries_per_step', 'rollout.num_generations'],
      text: 'Average over a larger batch.',
    },
    { settings: ['kl.beta', 'objective.entropy_coef'], text: 'Make large KL and entropy weights smaller.' },
  ],
  detect(metrics) {
    const steps = [...judged(metrics)];
    const spikes = steps.filter((s) => s.isSpike);
    const found = spell(steps, (s) => s.isSpike);
    if (!found) return [];
    const { first, last, over } = found;
    const broken = spikes.find((s) => !Number.isFinite(s.value));
    const worst = broken ?? spikes.reduce((a, b) => (b.value / b.usual > a.value / a.usual ? b : a));
    const often =
      spikes.length > 1 ? `, the worst of ${spikes.length} such steps from step ${first.step} on` : '';
    const sentence = broken
      ? `The gradient is not finite at step ${broken.step}: from there on the weights are lost.`
      : `The gradient norm reached ${worded('grad_norm', worst.value)} at step ${worst.step}, ${Math.round(worst.value / worst.usual)} times its median of ${worded('grad_norm', worst.usual)} before${often}.`;
    return [
      {
        step: first.step,
        ...(over && { endStep: last.step }),
        evidence: [evidenceOf(worst)],
        sentence,
      },
    ];
  },
};
