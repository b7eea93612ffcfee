/** One policy update, on rollouts that a random tiny model wrote. */
import { beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import type { WeightType } from '../gpu/kernels/packed-weights';
import { relativeError } from '../gpu/reference';
import { packSequences } from '../model/batch';
import { Random } from '../random';
import { countdown } from '../tasks/countdown';
import { Learner } from './learner';
import { Policy } from './policy';
import type { Sample } from './replay';
import { sampleRollouts, type Rollout } from './rollout';
import { rlStep } from './step';
import { TINY_STEP, tinyDirectory } from './testing';
import { updatePolicy, type UpdateSettings } from './update';

const SEED = 3;
const settings: UpdateSettings = {
  ...TINY_STEP,
  objective: { ...TINY_STEP.objective, beta: 0, klEstimator: 'k3', entropyCoef: 0 },
};
const sampling = { ...TINY_STEP, stream: 1 };
const problems = countdown.split('train').slice(0, 3);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await sharedGpu();
});

/** Opens a policy for the test and checks that it leaves nothing behind. */
async function withPolicy(
  work: (policy: Policy) => Promise<void>,
  {
    microBatchTokens = 256,
    reference = false,
    dtype = 'float32',
  }: { microBatchTokens?: number; reference?: boolean; dtype?: WeightType } = {},
): Promise<void> {
  const size = { maxCompletionLength: 16, maxPromptLength: 16, slots: 8, microBatchTokens, dtype };
  const policy = await Policy.load(gpu, tinyDirectory(SEED), size, reference);
  try {
    await work(policy);
    await gpu.settle();
  } finally {
    policy.destroy();
  }
  expect(gpu.allocatedBytes).toBe(0);
}

const samplesOf = (rollouts: readonly Rollout[], advantages: readonly number[]): Sample[] =>
  rollouts.map(({ promptIds, tokens, logps }, i) => ({
    promptIds,
    tokens,
    logps,
    advantage: advantages[i],
    learnable: true,
    step: 1,
  }));

/** Log-prob of a whole response under the policy as it is now. */
async function logProb(policy: Policy, { promptIds, tokens }: Rollout): Promise<number> {
  policy.trainer.forward(packSequences([{ ids: [...promptIds, ...tokens], promptLength: promptIds.length }]));
  const { logp } = await policy.trainer.stats();
  return logp.slice(promptIds.length - 1, -1).reduce((a, b) => a + b, 0);
}

it.each([1, -1])('moves the log-prob of a response in the direction of its advantage (%d)', (sign) =>
  withPolicy(async (policy) => {
    const rollouts = await sampleRollouts(policy, problems, 2, sampling);
    const before = await logProb(policy, rollouts[2]);
    const advantages = rollouts.map((_, i) => (i === 2 ? sign : 0));
    const samples = samplesOf(rollouts, advantages);
    const { gradNorm, mismatch, clipped } = await updatePolicy(policy, samples, settings, true);
    expect(sign * ((await logProb(policy, rollouts[2])) - before)).toBeGreaterThan(0.01);
    expect(gradNorm).toBeGreaterThan(0);
    expect(mismatch.max).toBeLessThan(1e-4);
    expect(clipped).toEqual({ low: 0, high: 0 });
  }),
);

it('changes nothing when no response is better than another', () =>
  withPolicy(async (policy) => {
    const rollouts = await sampleRollouts(policy, problems, 2, sampling);
    const before = await policy.model.downloadFlat();
    const { gradNorm, loss } = await updatePolicy(
      policy,
      samplesOf(rollouts, [0, 0, 0, 0, 0, 0]),
      settings,
      true,
    );
    expect([gradNorm, Math.abs(loss)]).toEqual([0, 0]);
    expect(await policy.model.downloadFlat()).toEqual(before);
  }));

it('adds the gradients of micro-batches up to that of the whole batch', async () => {
  const gradients: Float32Array[] = [];
  const losses: number[] = [];
  for (const microBatchTokens of [256, 32]) {
    await withPolicy(
      async (policy) => {
        const rollouts = await sampleRollouts(policy, problems, 2, sampling);
        const progress: number[] = [];
        const advantages = [1, -1, 0.5, 0, -0.5, 2];
        const samples = samplesOf(rollouts, advantages);
        const { loss } = await updatePolicy(policy, samples, settings, true, (done) => progress.push(done));
        expect(progress.at(-1)).toBe(rollouts.length);
        expect(progress.length > 1).toBe(microBatchTokens === 32);
        losses.push(loss);
        gradients.push(await policy.trainer.gradients());
      },
      { microBatchTokens },
    );
  }
  expect(relativeError(gradients[1], gradients[0])).toBeLessThan(1e-5);
  expect(losses[1]).toBeCloseTo(losses[0], 10);
});

it.each(['float32', 'float16'] as const)(
  'in %s holds the policy to the base model when KL has a weight: nothing at first, a pull once it has moved',
  (dtype) =>
    withPolicy(
      async (policy) => {
        const rollouts = await sampleRollouts(policy, problems, 2, sampling);
        const withKl = { ...settings, objective: { ...settings.objective, beta: 1 } };
        const first = await updatePolicy(policy, samplesOf(rollouts, [1, -1, 1, -1, 1, -1]), withKl, true);
        expect(first.kl).toBe(0);
        const moved = await updatePolicy(policy, samplesOf(rollouts, [0, 0, 0, 0, 0, 0]), withKl, true);
        expect(moved.kl).toBeGreaterThan(0);
        expect(moved.gradNorm).toBeGreaterThan(0);
        policy.refreshReference();
        const refreshed = await updatePolicy(policy, samplesOf(rollouts, [0, 0, 0, 0, 0, 0]), withKl, true);
        expect(refreshed.kl).toBe(0);
      },
      { reference: true, dtype },
    ),
);

it('20 steps leave as many buffers as one', () =>
  withPolicy(async (policy) => {
    let alive = 0;
    const createBuffer = gpu.device.createBuffer.bind(gpu.device);
    gpu.device.createBuffer = (descriptor) => {
      const buffer = createBuffer(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      alive++;
      buffer.destroy = () => {
        alive--;
        destroy();
      };
      return buffer;
    };
    const problemChoice = new Random(SEED);
    const learner = new Learner(policy, TINY_STEP.kl, TINY_STEP.entropy, TINY_STEP.strategy);
    const step = (number: number) =>
      rlStep(learner, countdown, problems, number, problemChoice, {
        ...TINY_STEP,
        maxCompletionLength: 8,
      });
    try {
      const bytes = gpu.allocatedBytes;
      for (let number = 1; number <= 20; number++) {
        const { rollouts, metrics } = await step(number);
        expect(rollouts).toHaveLength(4);
        expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
        expect(gpu.allocatedBytes).toBe(bytes);
        expect(alive).toBe(0);
      }
    } finally {
      gpu.device.createBuffer = createBuffer;
    }
  }));
