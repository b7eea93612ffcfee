/** What a step makes of its settings, on a random tiny model: strategies, KL, entropy, sampling. */
import { beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { Random } from '../random';
import { countdown } from '../tasks/countdown';
import { Learner } from './learner';
import { Policy } from './policy';
import { klToReference } from './reference';
import { rlStep, type StepResult, type StepSettings } from './step';
import { TINY_STEP, tinyDirectory } from './testing';

const SEED = 3;
const problems = countdown.split('train').slice(0, 6);
const size = { maxCompletionLength: 16, maxPromptLength: 16, slots: 16, microBatchTokens: 256 };

let gpu: Gpu;
beforeAll(async () => {
  gpu = await sharedGpu();
});

/** Takes `steps` steps with these settings; `after` sees each of them and the learner. */
async function train(
  change: Partial<StepSettings>,
  steps: number,
  after?: (learner: Learner, step: number, result: StepResult) => Promise<void> | void,
): Promise<StepResult[]> {
  const settings = { ...TINY_STEP, queriesPerStep: 4, numGenerations: 4, ...change };
  const withReference = settings.kl.schedule !== 'none';
  const policy = await Policy.load(gpu, tinyDirectory(SEED), size, withReference);
  const learner = new Learner(policy, settings.kl, settings.entropy, settings.strategy);
  const choice = new Random(SEED);
  const results: StepResult[] = [];
  try {
    for (let step = 1; step <= steps; step++) {
      results.push(await rlStep(learner, countdown, problems, step, choice, settings));
      await after?.(learner, step, results[step - 1]);
    }
  } finally {
    policy.destroy();
  }
  return results;
}

const held = { ...TINY_STEP.kl, schedule: 'fixed', beta: 0.5 } as const;

it('on-policy: one update a batch, ratios of exactly 1, sampler and trainer agree, at any temperature', async () => {
  for (const temperature of [0.7, 1, 1.3]) {
    const [{ metrics }] = await train({ temperature }, 1);
    expect(metrics['clip_ratio/region_mean']).toBe(0);
    expect(metrics).not.toHaveProperty('actor/ppo_kl');
    expect(metrics['sampling/sampling_logp_difference/max'], `T ${temperature}`).toBeLessThan(1e-4);
  }
});

it('mini-batches and epochs: so many updates, which leave the sampling policy more and more', async () => {
  const strategy = { ...TINY_STEP.strategy, miniBatches: 4, numIterations: 3 };
  const optimizer = { ...TINY_STEP.optimizer, learningRate: 0.01 };
  const [{ metrics }] = await train({ strategy, optimizer }, 1);
  expect(metrics.updates).toBe(12);
  expect(metrics['clip_ratio/region_mean']).toBeGreaterThan(0);
  expect(Math.abs(metrics['actor/ppo_kl'])).toBeGreaterThan(1e-3);
  expect(metrics).not.toHaveProperty('sampling/sampling_logp_difference/mean');
});

it('replay: nothing in the first step, then groups of the stated age', async () => {
  const strategy = { ...TINY_STEP.strategy, replaySteps: 2, replayRatio: 0.5 };
  const results = await train({ strategy }, 4);
  expect(results.map(({ metrics }) => metrics['replay/groups'])).toEqual([0, 2, 2, 2]);
  expect(results[1].metrics['replay/age_mean']).toBe(1);
  expect(results[3].metrics['replay/age_mean']).toBeGreaterThanOrEqual(1);
  expect(results[3].metrics['replay/age_mean']).toBeLessThanOrEqual(2);
});

it('KL: 0 to a reference that is the policy, growing as it moves, 0 again after a refresh', async () => {
  const kls: number[] = [];
  await train(
    { kl: { ...held, beta: 0, syncSteps: 3 } },
    4,
    (_, __, { metrics }) => void kls.push(metrics.kl),
  );
  expect(kls[0]).toBe(0);
  expect(kls[2]).toBeGreaterThan(kls[1]);
  expect(kls[1]).toBeGreaterThan(0);
  expect(kls[3]).toBe(0);
});

it('KL in the reward: −β times the summed estimate, beside the other terms, and not in the loss', async () => {
  const kl = { ...held, placement: 'reward', estimator: 'k1' } as const;
  let seen = 0;
  const results = await train({ kl }, 2, async ({ policy }, step, { rollouts }) => {
    if (step !== 1) return;
    // The policy has moved by now, the rollouts' log-probs are of before: the reference is still the first policy.
    const again = await klToReference(policy, rollouts, 'k1', 1);
    rollouts.forEach((r, i) => expect(r.rewards.kl).toBeCloseTo(-0.5 * again[i], 6));
    seen = rollouts.length;
  });
  expect(seen).toBe(16);
  const { rollouts } = results[1];
  expect(rollouts.some((r) => Math.abs(r.rewards.kl) > 1e-4)).toBe(true);
  for (const r of rollouts) {
    const sum = Object.values(r.rewards).reduce((a, b) => a + b, 0);
    expect(r.reward).toBeCloseTo(sum, 12);
  }
});

it('an adaptive KL and an adaptive entropy bonus move as they should, and come back from a checkpoint', async () => {
  const kl = { ...held, schedule: 'adaptive', target: 1e6, horizon: 16 } as const;
  const entropy = { coef: 0.1, adaptive: { target: 100, delta: 0.01 } };
  const results = await train({ kl, entropy }, 3, async (learner, step) => {
    if (step !== 2) return;
    const { arrays, counters } = await learner.save();
    const other = new Learner(learner.policy, kl, entropy, TINY_STEP.strategy);
    other.restore(arrays, counters);
    expect(other.beta(3, kl)).toBe(learner.beta(3, kl));
    expect(other.entropyCoef(entropy)).toBe(learner.entropyCoef(entropy));
  });
  // 16 samples of a horizon of 16, far below the target: 20 % less each step.
  expect(results.map(({ metrics }) => metrics['actor/kl_coef'])).toEqual(
    [0.5, 0.4, 0.32].map((x) => expect.closeTo(x, 12) as number),
  );
  expect(results.map(({ metrics }) => metrics['actor/entropy_coeff'])).toEqual(
    [0.1, 0.11, 0.12].map((x) => expect.closeTo(x, 12) as number),
  );
});

it('an entropy bonus alone raises the entropy', async () => {
  const reward = { ...TINY_STEP.reward, length: 0 };
  const optimizer = { ...TINY_STEP.optimizer, learningRate: 0.01 };
  // At a low temperature there is room above.
  const results = await train({ reward, optimizer, temperature: 0.1, entropy: { coef: 1 } }, 6);
  expect(results[5].metrics.entropy).toBeGreaterThan(results[0].metrics.entropy + 0.01);
});

it('dynamic sampling: groups that teach nothing are replaced, at most so many times', async () => {
  // Only the right answer earns, and there is none: every group is uniform.
  const reward = { ...TINY_STEP.reward, length: 0 };
  const [{ rollouts, metrics }] = await train({ reward, dynamicSampling: 2 }, 1);
  expect(rollouts).toHaveLength(3 * 16);
  expect(metrics['sampling/learnt_ratio']).toBeCloseTo(1 / 3, 12);
  expect(new Set(rollouts.map((r) => r.text)).size).toBeGreaterThan(16);
  const [plain] = await train({ dynamicSampling: 2 }, 1);
  expect(plain.rollouts.length).toBeLessThan(3 * 16);
});

it('leaves truncated responses out of the loss', async () => {
  const truncated = { maxCompletionLength: 4, maskTruncated: true };
  const [{ rollouts, metrics }] = await train(truncated, 1);
  expect(rollouts.some((r) => !r.finished)).toBe(true);
  const all = await train({ ...truncated, maskTruncated: false }, 1);
  expect(metrics.grad_norm).not.toBe(all[0].metrics.grad_norm);
});
