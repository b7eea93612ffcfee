import type { StepMetrics } from '../metrics';
import { median } from './series';
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

/** The spikes, and the last step with a gradient; former spikes are not usual. */
function spikesOf(metrics: readonly StepMetrics[]): { spikes: Spike[]; lastStep: number } {
  const spikes: Spike[] = [];
  const memory: { step: number; value: number }[] = [];
  let lastStep = 0;
  for (const { step, grad_norm: value } of metrics) {
    if (value === undefined || value === 0) continue;
    lastStep = step;
    if (!Number.isFinite(value) || isFarAbove(value)) {
      const usual = median(memory.map((p) => p.value));
      spikes.push({ step, value, usual, since: memory[0]?.step ?? step });
      continue;
    }
    memory.push({ step, value });
    if (memory.length > MEMORY) memory.shift();
  }
  return { spikes, lastStep };

  function isFarAbove(value: number): boolean {
    if (memory.length < LEAST_MEMORY || memory.some((p) => value <= ABOVE_LARGEST * p.value)) return false;
    return value > FACTOR * median(memory.map((p) => p.value));
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
    const { spikes, lastStep } = spikesOf(metrics);
    if (!spikes.length) return [];
    const [first, last] = [spikes[0], spikes[spikes.length - 1]];
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
        ...(last.step < lastStep && { endStep: last.step }),
        evidence: [evidenceOf(worst)],
        sentence,
      },
    ];
  },
};
