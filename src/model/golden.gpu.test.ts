/** The engine against PyTorch + transformers: the files of e2e/golden, made by make_golden.py in float64. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { relativeError } from '../gpu/reference';
import { packSequences } from './batch';
import { parseModelConfig } from './config';
import { Decoder } from './decoder';
import { inlined, sequencesOf } from './golden-files';
import { Model } from './model';
import { Trainer } from './trainer';

import qwen2Config from '../../e2e/golden/qwen2-tiny/config.json';
import qwen2Golden from '../../e2e/golden/qwen2-tiny/golden.json';
import qwen2Arrays from '../../e2e/golden/qwen2-tiny/golden.safetensors?inline';
import qwen2Weights from '../../e2e/golden/qwen2-tiny/model.safetensors?inline';
import qwen3Config from '../../e2e/golden/qwen3-tiny/config.json';
import qwen3Golden from '../../e2e/golden/qwen3-tiny/golden.json';
import qwen3Arrays from '../../e2e/golden/qwen3-tiny/golden.safetensors?inline';
import qwen3Weights from '../../e2e/golden/qwen3-tiny/model.safetensors?inline';

const cases = [
  {
    name: 'Qwen2ForCausalLM',
    config: qwen2Config,
    golden: qwen2Golden,
    arrays: qwen2Arrays,
    weights: qwen2Weights,
  },
  {
    name: 'Qwen3ForCausalLM',
    config: qwen3Config,
    golden: qwen3Golden,
    arrays: qwen3Arrays,
    weights: qwen3Weights,
  },
];

describe.each(cases)('$name', ({ config: json, golden, arrays, weights }) => {
  const config = parseModelConfig(json);
  const expected = inlined(arrays, 'golden.safetensors');
  const batch = packSequences(sequencesOf(golden.ids, golden.lengths));
  const array = (name: string) => expected.get(name)!.data;
  let gpu: Gpu;
  let model: Model;
  let trainer: Trainer;

  beforeAll(async () => {
    gpu = await sharedGpu();
    model = new Model(gpu, config);
    model.upload(inlined(weights, 'model.safetensors'), 'model.safetensors');
    trainer = new Trainer(model, 64, 32);
    await trainer.prepare();
  });
  afterAll(() => {
    trainer.destroy();
    model.destroy();
    expect(gpu.allocatedBytes).toBe(0);
  });

  it('gives the same logits, log-probs and entropies', async () => {
    trainer.forward(batch, golden.temperature);
    const stats = await trainer.stats();
    expect(relativeError(await trainer.logits(), array('logits'))).toBeLessThan(1e-5);
    expect(relativeError(stats.logp, array('logp'))).toBeLessThan(1e-5);
    expect(relativeError(stats.entropy, array('entropy'))).toBeLessThan(1e-5);
    await gpu.settle();
  });

  it('gives the same gradient of every parameter, and the same three AdamW steps', async () => {
    const { adamw } = golden;
    const coefficients = new Float32Array(2 * batch.tokens);
    array('logp_coefficient').forEach((g, t) => (coefficients[2 * t] = g));
    array('entropy_coefficient').forEach((h, t) => (coefficients[2 * t + 1] = h));

    for (let step = 1; step <= 3; step++) {
      trainer.forward(batch, golden.temperature);
      trainer.zeroGradients();
      trainer.backward(coefficients);
      if (step === 1) {
        for (const [name, { data }] of model.unflatten(await trainer.gradients())) {
          expect(relativeError(data, array(`grad.${name}`)), name).toBeLessThan(3e-5);
        }
      }
      trainer.step({
        learningRate: adamw.lr,
        beta1: adamw.betas[0],
        beta2: adamw.betas[1],
        epsilon: adamw.eps,
        weightDecay: adamw.weight_decay,
        maxGradNorm: adamw.max_grad_norm,
      });
      const norm = golden.grad_norm[step - 1];
      expect(Math.abs((await trainer.gradNorm()) - norm) / norm).toBeLessThan(1e-4);
      if (step === 2) continue;
      for (const [name, { data }] of await model.download()) {
        const want = array(`step${step}.${name}`);
        const worst = data.reduce((max, value, i) => Math.max(max, Math.abs(value - want[i])), 0);
        expect(worst, `${name} after step ${step}`).toBeLessThan(0.02 * adamw.lr);
      }
    }
    await gpu.settle();
  });

  it('generates the same tokens greedily', async () => {
    model.upload(inlined(weights, 'model.safetensors'), 'model.safetensors');
    const decoder = new Decoder(model, { slots: 2, maxLength: 24 });
    await decoder.prepare();
    const completions = await decoder.generate(
      golden.generation.map(({ prompt }, index) => ({ prompt, stream: index })),
      { temperature: 0, topK: 0, topP: 1, seed: 0, stream: 0 },
      { maxNewTokens: 12, stopIds: [], bannedIds: [] },
    );
    expect(completions.map((c) => [...c.tokens])).toEqual(golden.generation.map((g) => g.completion));
    expect(completions.every((c) => !c.finished)).toBe(true);
    await gpu.settle();
    decoder.destroy();
  });
});
