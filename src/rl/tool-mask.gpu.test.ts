/** Results of calls carry no loss: gradients against PyTorch with the mask, on the files of e2e/golden/make_tool_mask.py. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { relativeError } from '../gpu/reference';
import { parseModelConfig } from '../model/config';
import { Model } from '../model/model';
import { readSafetensors } from '../model/safetensors';
import { Scorer, Trainer } from '../model/trainer';
import type { LossType } from './objective';
import { klToReference } from './reference';
import type { Sample } from './replay';
import { TINY_STEP } from './testing';
import { updatePolicy, type UpdateSettings } from './update';

import qwen2Config from '../../e2e/golden/qwen2-tiny/config.json';
import qwen2Weights from '../../e2e/golden/qwen2-tiny/model.safetensors?inline';
import golden from '../../e2e/golden/qwen2-tiny/tool_mask.json';

const CAPACITY = 40;
const config = parseModelConfig(qwen2Config);
const bytes = Uint8Array.from(atob(qwen2Weights.slice(qwen2Weights.indexOf(',') + 1)), (c) =>
  c.charCodeAt(0),
);
const tensors = readSafetensors(bytes, 'model.safetensors');

const samples = golden.responses.map(({ prompt, tokens, mask, old_logp, advantage }): Sample => ({
  promptIds: prompt,
  tokens: Uint32Array.from(tokens),
  logps: Float32Array.from(old_logp),
  toolMask: Uint8Array.from(mask),
  advantage,
  learnable: true,
  step: 1,
}));

let gpu: Gpu;
let policy: { trainer: Trainer; reference: Scorer };
let models: Model[];

beforeAll(async () => {
  gpu = await sharedGpu();
  models = [1, 0.9].map((factor) => {
    const model = new Model(gpu, config);
    const scaled = [...tensors].map(
      ([name, tensor]) =>
        [name, { ...tensor, data: tensor.data.map((x) => x * Math.fround(factor)) }] as const,
    );
    model.upload(new Map(scaled), 'model.safetensors');
    return model;
  });
  policy = { trainer: new Trainer(models[0], CAPACITY, 32), reference: new Scorer(models[1], CAPACITY, 32) };
  await Promise.all([policy.trainer.prepare(), policy.reference.prepare()]);
});
afterAll(() => {
  policy.trainer.destroy();
  policy.reference.destroy();
  for (const model of models) model.destroy();
  expect(gpu.allocatedBytes).toBe(0);
});

it.each(golden.cases)('$loss_type, ratios by $importance_sampling_level', async (expected) => {
  const settings: UpdateSettings = {
    ...TINY_STEP,
    temperature: golden.temperature,
    objective: {
      epsilon: golden.epsilon,
      epsilonHigh: golden.epsilon,
      clipRatioC: 0,
      importanceSamplingLevel: expected.importance_sampling_level as 'token' | 'sequence',
      lossType: expected.loss_type as LossType,
      lossScaleLength: golden.loss_scale_length,
      beta: golden.beta,
      klEstimator: 'k3',
      entropyCoef: golden.entropy_coef,
    },
    // The gradient is looked at; the model stays as it is.
    optimizer: { ...TINY_STEP.optimizer, learningRate: 0, maxGradNorm: 0 },
  };
  const result = await updatePolicy(policy, samples, settings, false);
  const close = (got: number, want: number, what: string) =>
    expect(Math.abs(got - want) / Math.abs(want), what).toBeLessThan(1e-4);
  close(result.loss, expected.loss, 'loss');
  close(result.kl, expected.kl, 'kl');
  close(result.entropy, expected.entropy, 'entropy');
  close(result.gradNorm, expected.grad_norm, 'gradient norm');
  expect(result.tokens).toBe(golden.responses.flatMap(({ mask }) => mask.filter(Boolean)).length);
  const gradients = models[0].unflatten(await policy.trainer.gradients());
  for (const [name, want] of Object.entries(expected.gradients))
    expect(relativeError(gradients.get(name)!.data, Float32Array.from(want)), name).toBeLessThan(1e-4);
  await gpu.settle();
});

it('the KL in the reward is over sampled tokens alone', async () => {
  const changed = samples.map((s) => ({ ...s, logps: s.logps.map((l, t) => (s.toolMask![t] ? l : -5)) }));
  const [divergence, same] = [
    await klToReference(policy, samples, 'k1', golden.temperature),
    await klToReference(policy, changed, 'k1', golden.temperature),
  ];
  expect(divergence.every(Number.isFinite)).toBe(true);
  expect(same).toEqual(divergence);
});
