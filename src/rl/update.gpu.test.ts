/** One policy update, on rollouts that a random tiny model wrote. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gpu } from '../gpu/device';
import { relativeError } from '../gpu/reference';
import { packSequences } from '../model/batch';
import { Random } from '../random';
import { countdown } from '../tasks/countdown';
import { Tokenizer } from '../tokenizer/tokenizer';
import { Learner } from './learner';
import { Policy } from './policy';
import { promptEncoder } from './prompt';
import type { Sample } from './replay';
import { sampleRollouts, type Rollout } from './rollout';
import { rlStep, type StepSettings } from './step';
import { tinyDirectory } from './testing';
import { updatePolicy, type UpdateSettings } from './update';

const SEED = 3;
const settings: UpdateSettings = {
  temperature: 1,
  objective: {
    epsilon: 0.2,
    epsilonHigh: 0.2,
    clipRatioC: 0,
    importanceSamplingLevel: 'token',
    lossType: 'dr_grpo',
    lossScaleLength: 16,
    beta: 0,
    klEstimator: 'k3',
    entropyCoef: 0,
  },
  topEntropyQuantile: 1,
  optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 },
};
const { tokenizer, tokenizerConfig } = tinyDirectory(SEED);
const encodePrompt = promptEncoder(new Tokenizer(tokenizer, tokenizerConfig), tokenizerConfig);
const sampling = {
  temperature: 1,
  topK: 0,
  topP: 1,
  seed: SEED,
  stream: 1,
  maxCompletionLength: 16,
  encodePrompt,
};
const problems = countdown.split('train').slice(0, 3);

let gpu: Gpu;
beforeAll(async () => {
  gpu = await Gpu.open({ strict: true });
});
afterAll(() => gpu.device.destroy());

/** Opens a policy for the test and checks that it leaves nothing behind. */
async function withPolicy(
  work: (policy: Policy) => Promise<void>,
  { microBatchTokens = 256, reference = false } = {},
): Promise<void> {
  const size = { maxCompletionLength: 16, maxPromptLength: 16, slots: 8, microBatchTokens };
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

it('holds the policy to the base model when KL has a weight: nothing at first, a pull once it has moved', () =>
  withPolicy(
    async (policy) => {
      const rollouts = await sampleRollouts(policy, problems, 2, sampling);
      const withKl = { ...settings, objective: { ...settings.objective, beta: 1 } };
      const first = await updatePolicy(policy, samplesOf(rollouts, [1, -1, 1, -1, 1, -1]), withKl, true);
      expect(first.kl).toBe(0);
      const moved = await updatePolicy(policy, samplesOf(rollouts, [0, 0, 0, 0, 0, 0]), withKl, true);
      expect(moved.kl).toBeGreaterThan(0);
      expect(moved.gradNorm).toBeGreaterThan(0);
    },
    { reference: true },
  ));

const stepSettings: StepSettings = {
  ...settings,
  ...sampling,
  queriesPerStep: 2,
  numGenerations: 2,
  stopStrings: [],
  dynamicSampling: 0,
  reward: {
    output: 1,
    wrong: 0,
    format: 0,
    requireFormat: false,
    // So that an untrained model, which is never right, has something to learn.
    length: 1,
    actions: 0,
    actionWords: [],
    overlong: 0,
    overlongBuffer: 1,
    custom: 0,
  },
  selection: 'none',
  advantage: { estimator: 'group', scale: 'group' },
  maskTruncated: false,
  kl: {
    schedule: 'none',
    beta: 0,
    betaEnd: 0,
    horizon: 10,
    target: 0.1,
    estimator: 'k3',
    placement: 'loss',
    syncSteps: 0,
  },
  entropy: { coef: 0 },
  strategy: { miniBatches: 1, numIterations: 1, replaySteps: 0, replayRatio: 0 },
};

const learnerOf = (policy: Policy, { kl, entropy, strategy }: Partial<StepSettings> = {}) =>
  new Learner(
    policy,
    kl ?? stepSettings.kl,
    entropy ?? stepSettings.entropy,
    strategy ?? stepSettings.strategy,
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
    const learner = learnerOf(policy);
    const step = (number: number) =>
      rlStep(learner, countdown, problems, number, problemChoice, {
        ...stepSettings,
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
