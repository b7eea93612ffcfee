import { expect, it } from 'vitest';
import golden from '../../e2e/golden/grpo.json';
import { clippedObjective } from './objective';

const agree = (got: number, want: number, what: string) =>
  expect(Math.abs(got - want), `${what}: ${got}, not ${want}`).toBeLessThan(
    1e-10 * Math.max(1e-3, Math.abs(want)),
  );

it.each(golden)('$name, β $beta, $scale_rewards: value and gradient as PyTorch’s autograd', (example) => {
  const { mask, epsilon, beta, loss_scale_length: lossScaleLength } = example;
  const masked = (values: number[][], i: number) => values[i].filter((_, t) => mask[i][t]);
  const total = { loss: 0, clipped: 0, kl: 0, tokens: 0 };
  example.advantages.forEach((advantage, i) => {
    const result = clippedObjective(
      {
        logp: masked(example.logp, i),
        oldLogp: masked(example.logp_old, i),
        refLogp: masked(example.logp_ref, i),
        advantage,
      },
      example.advantages.length,
      { epsilon, beta, lossScaleLength },
    );
    masked(example.gradient, i).forEach((g, t) => agree(result.gradient[t], g, `gradient ${i}, ${t}`));
    total.loss += result.loss;
    total.clipped += result.clipped;
    total.kl += result.kl;
    total.tokens += result.gradient.length;
  });
  agree(total.loss, example.loss, 'loss');
  agree(total.clipped / total.tokens, example.clipped.region, 'clipped share');
  if (beta > 0) agree(total.kl / total.tokens, example.kl, 'kl');
});

it('by hand: three tokens of a good response, the middle one above the clip', () => {
  // ratios 1, 3/2 and 1/2 with A = 2, ε = 0.2, B = 2, L_c = 10: the scale is 1/20.
  // min(ρA, clip(ρ)A): 2; min(3, 1.2·2) = 2.4; min(1, 0.8·2) = 1.   Sum 5.4, loss −5.4/20 = −0.27.
  // Gradient −ρA/20: −0.1; 0, for the clipped ratio earns no more; −0.05.
  const logp = [-1, -1, -1];
  const oldLogp = [-1, -1 - Math.log(1.5), -1 - Math.log(0.5)];
  const settings = { epsilon: 0.2, beta: 0, lossScaleLength: 10 };
  const { loss, gradient, clipped, kl } = clippedObjective({ logp, oldLogp, advantage: 2 }, 2, settings);
  expect(loss).toBeCloseTo(-0.27, 12);
  [-0.1, 0, -0.05].forEach((g, t) => expect(gradient[t]).toBeCloseTo(g, 12));
  expect([clipped, kl]).toEqual([1, 0]);
});

it('teaches on-policy though its value says nothing: −A for every token, whatever the log-probs', () => {
  const logp = [-0.1, -2, -30];
  const settings = { epsilon: 0.2, beta: 0, lossScaleLength: 1 };
  const { gradient, clipped } = clippedObjective({ logp, oldLogp: logp, advantage: -0.5 }, 1, settings);
  expect([...gradient]).toEqual([0.5, 0.5, 0.5]);
  expect(clipped).toBe(0);
});
