/** Models whose embedding is spread over buffers and whose logits are made part by part, against transformers. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { adamw, relativeError } from '../gpu/reference';
import { packSequences } from './batch';
import { parseModelConfig } from './config';
import { GOLDEN_LORA, sequencesOf } from './golden-files';
import { Model } from './model';
import { Trainer } from './trainer';

const SETTINGS = { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0.1 };

describe.each([
  { ...GOLDEN_LORA.qwen2, bindingBytes: 8192, checkpointing: true },
  { ...GOLDEN_LORA.qwen3, bindingBytes: 12288, checkpointing: false },
])(
  '$name in bindings of $bindingBytes bytes',
  ({ config, golden, arrays, weights, bindingBytes, checkpointing }) => {
    const expected = arrays();
    const array = (name: string) => expected.get(name)!.data;
    const batch = packSequences(sequencesOf(golden.ids, golden.lengths));
    let gpu: Gpu;
    let model: Model;
    let trainer: Trainer;
    beforeAll(async () => {
      gpu = await sharedGpu({ bindingBytes });
      model = new Model(gpu, parseModelConfig(config));
      model.upload(weights(), 'model.safetensors');
      trainer = new Trainer(model, 64, 32, { checkpointing });
      await trainer.prepare();
    });
    afterAll(() => {
      trainer.destroy();
      model.destroy();
      expect(gpu.allocatedBytes).toBe(0);
    });

    it('keeps the parameters as they were written', async () => {
      expect(model.ranges(model.layout.embedding).length).toBeGreaterThan(1);
      expect(await model.download()).toEqual(
        new Map([...model.layout.parts.keys()].map((name) => [name, weights().get(name)])),
      );
    });

    it('gives the same log-probs, entropies, likeliest ids and gradients', async () => {
      trainer.forward(batch, golden.temperature);
      const stats = await trainer.stats();
      expect(relativeError(stats.logp, array('logp'))).toBeLessThan(1e-5);
      expect(relativeError(stats.entropy, array('entropy'))).toBeLessThan(1e-5);
      const { vocabSize } = model.config;
      batch.targets.forEach((target, t) => {
        const row = array('logits').subarray(t * vocabSize, (t + 1) * vocabSize);
        if (target < vocabSize) expect(stats.argmax[t]).toBe(row.indexOf(Math.max(...row)));
      });

      const coefficients = new Float32Array(2 * batch.tokens);
      array('logp_coefficient').forEach((g, t) => (coefficients[2 * t] = g));
      array('entropy_coefficient').forEach((h, t) => (coefficients[2 * t + 1] = h));
      trainer.zeroGradients();
      trainer.backward(coefficients);
      for (const [name, { data }] of model.unflatten(await trainer.gradients()))
        expect(relativeError(data, array(`grad.${name}`)), name).toBeLessThan(3e-5);
      await gpu.settle();
    });

    it('takes one AdamW step over all buffers, clipped by the norm over all of them', async () => {
      const [p, g] = [await model.downloadFlat(), await trainer.gradients()];
      trainer.step({ ...SETTINGS, maxGradNorm: 1 });
      const exact = Float64Array.from(p);
      const norm = adamw.step(exact, g, new Float64Array(p.length), new Float64Array(p.length), {
        ...{ ...SETTINGS, maxGradNorm: 1, step: 1 },
        ...{ lr: SETTINGS.learningRate, eps: SETTINGS.epsilon },
      });
      expect(Math.abs((await trainer.gradNorm()) / norm - 1)).toBeLessThan(1e-5);
      expect(relativeError(await model.downloadFlat(), exact)).toBeLessThan(1e-6);
      await gpu.settle();
    });
  },
);
