import { expect, it } from 'vitest';
import golden from '../../e2e/golden/objective.json';
import { advantages, type AdvantageEstimator, type ScaleRewards } from './advantage';
import type { KlEstimator } from './kl';
import { entropyThreshold, policyObjective, type LossType, type ObjectiveSettings } from './objective';

const agree = (got: number, want: number, what: string) =>
  expect(Math.abs(got - want), `${what}: ${got}, not ${want}`).toBeLessThan(
    1e-10 * Math.max(1e-3, Math.abs(want)),
  );

it.each(golden)('$name ($source): advantages, loss and gradients', (example) => {
  const s = example.settings;
  const groups = Array.from({ length: example.groups }, (_, g) =>
    Array.from({ length: example.n }, (_, i) => g * example.n + i),
  );
  const a = advantages(example.rewards, example.lengths, groups, {
    estimator: s.advantage_estimator as AdvantageEstimator,
    scale: s.scale_rewards as ScaleRewards,
  });
  example.advantages.forEach((want, i) => agree(a[i], want, `advantage ${i}`));

  const isLearnable = (i: number) => !(s.mask_truncated_completions && example.truncated[i]);
  const learnable = example.lengths.filter((_, i) => isLearnable(i));
  const batch = { sequences: example.rewards.length, tokens: learnable.reduce((x, y) => x + y, 0) };
  const entropies = example.entropy.filter((_, i) => isLearnable(i)).flat();
  const threshold = entropyThreshold(Float64Array.from(entropies), s.top_entropy_quantile);
  const total = { loss: 0, low: 0, high: 0, kl: 0 };
  example.logp.forEach((logp, i) => {
    const result = policyObjective(
      {
        logp,
        oldLogp: example.logp_old[i],
        refLogp: s.beta > 0 ? example.logp_ref[i] : undefined,
        entropy: example.entropy[i],
        advantage: a[i],
        learnable: isLearnable(i),
      },
      batch,
      {
        epsilon: s.epsilon,
        epsilonHigh: s.epsilon_high,
        clipRatioC: s.clip_ratio_c,
        importanceSamplingLevel: s.importance_sampling_level as 'token' | 'sequence',
        lossType: s.loss_type as LossType,
        lossScaleLength: s.loss_scale_length,
        beta: s.beta,
        klEstimator: s.kl_estimator as KlEstimator,
        entropyCoef: s.entropy_coef,
      },
      (t) => example.entropy[i][t] >= threshold,
    );
    example.gradient[i].forEach((g, t) => agree(result.gradient[t], g, `gradient ${i}, ${t}`));
    example.entropy_gradient[i].forEach((g, t) => agree(result.entropyGradient, g, `by entropy ${i}, ${t}`));
    total.loss += result.loss;
    total.low += result.clippedLow;
    total.high += result.clippedHigh;
    total.kl += result.kl;
  });
  agree(total.loss, example.loss, 'loss');
  const tokens = Math.max(1, batch.tokens);
  agree(total.low / tokens, example.clip.low, 'clipped low');
  agree(total.high / tokens, example.clip.high, 'clipped high');
  agree((total.low + total.high) / tokens, example.clip.region, 'clipped');
  agree(total.kl / tokens, example.kl, 'kl');
});

const settings: ObjectiveSettings = {
  epsilon: 0.2,
  epsilonHigh: 0.2,
  clipRatioC: 0,
  importanceSamplingLevel: 'token',
  lossType: 'dr_grpo',
  lossScaleLength: 10,
  beta: 0,
  klEstimator: 'k3',
  entropyCoef: 0,
};

it('by hand: three tokens of a good response, the middle one above the clip', () => {
  // ratios 1, 3/2 and 1/2 with A = 2, ε = 0.2, B = 2, L_c = 10: the scale is 1/20.
  // min(ρA, clip(ρ)A): 2; min(3, 1.2·2) = 2.4; min(1, 0.8·2) = 1.   Sum 5.4, loss −5.4/20 = −0.27.
  // Gradient −ρA/20: −0.1; 0, for the clipped ratio earns no more; −0.05.
  const logp = [-1, -1, -1];
  const oldLogp = [-1, -1 - Math.log(1.5), -1 - Math.log(0.5)];
  const batch = { sequences: 2, tokens: 6 };
  const { loss, gradient, clippedHigh, clippedLow } = policyObjective(
    { logp, oldLogp, advantage: 2, learnable: true },
    batch,
    settings,
  );
  expect(loss).toBeCloseTo(-0.27, 12);
  [-0.1, 0, -0.05].forEach((g, t) => expect(gradient[t]).toBeCloseTo(g, 12));
  expect([clippedLow, clippedHigh]).toEqual([0, 1]);
});

it('teaches on-policy though its value says nothing: −A for every token, whatever the log-probs', () => {
  const logp = [-0.1, -2, -30];
  for (const importanceSamplingLevel of ['token', 'sequence'] as const) {
    const { gradient, clippedLow, clippedHigh } = policyObjective(
      { logp, oldLogp: logp, advantage: -0.5, learnable: true },
      { sequences: 1, tokens: 3 },
      { ...settings, importanceSamplingLevel, lossScaleLength: 1 },
    );
    gradient.forEach((g) => expect(g).toBeCloseTo(0.5, 12));
    expect(clippedLow + clippedHigh).toBe(0);
  }
});
