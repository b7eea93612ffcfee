/** Adapters against PEFT: the files of make_lora.py. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { relativeError } from '../gpu/reference';
import { flattenAdapter, parseAdapterConfig } from './adapter-files';
import { packSequences } from './batch';
import { parseModelConfig } from './config';
import { Decoder } from './decoder';
import { GOLDEN_LORA, sequencesOf } from './golden-files';
import { Adapter } from './lora';
import { Model } from './model';
import { readSafetensors } from './safetensors';
import { Scorer, Trainer } from './trainer';

describe.each([
  { ...GOLDEN_LORA.qwen2, checkpointing: false },
  { ...GOLDEN_LORA.qwen3, checkpointing: true },
])(
  '$name, LoRA',
  ({ config: json, golden, arrays, weights, adapterConfig, adapter: file, checkpointing }) => {
    const config = parseModelConfig(json);
    const lora = parseAdapterConfig(adapterConfig);
    const expected = arrays();
    const array = (name: string) => expected.get(name)!.data;
    const batch = packSequences(sequencesOf(golden.ids, golden.lengths));
    let gpu: Gpu;
    let model: Model;
    let adapter: Adapter;
    let trainer: Trainer;

    beforeAll(async () => {
      gpu = await sharedGpu();
      model = new Model(gpu, config);
      model.upload(weights(), 'model.safetensors');
      adapter = new Adapter(gpu, config, lora);
      adapter.params.write(flattenAdapter(config, lora, readSafetensors(file(), 'adapter')));
      trainer = new Trainer(model, 64, 32, { adapter, checkpointing });
      await trainer.prepare();
    });
    afterAll(() => {
      for (const made of [trainer, adapter, model]) made.destroy();
      expect(gpu.allocatedBytes).toBe(0);
    });

    it('gives the same logits, log-probs, entropies and gradient of every adapter weight', async () => {
      trainer.forward(batch, golden.temperature);
      const stats = await trainer.stats();
      expect(relativeError(await trainer.logits(), array('lora.logits'))).toBeLessThan(1e-5);
      expect(relativeError(stats.logp, array('lora.logp'))).toBeLessThan(1e-5);
      expect(relativeError(stats.entropy, array('lora.entropy'))).toBeLessThan(1e-5);
      const coefficients = new Float32Array(2 * batch.tokens);
      array('logp_coefficient').forEach((g, t) => (coefficients[2 * t] = g));
      array('entropy_coefficient').forEach((h, t) => (coefficients[2 * t + 1] = h));
      trainer.zeroGradients();
      trainer.backward(coefficients);
      const gradients = await trainer.gradients();
      for (const { name, offset, size } of adapter.layout.parts.values()) {
        const gradient = gradients.subarray(offset, offset + size);
        expect(relativeError(gradient, array(`grad.${name}`)), name).toBeLessThan(3e-5);
      }
      await gpu.settle();
    });

    it('generates the same tokens greedily', async () => {
      const decoder = new Decoder(model, { slots: 2, maxLength: 24 }, adapter);
      await decoder.prepare();
      const completions = await decoder.generate(
        golden.generation.map(({ prompt }, stream) => ({ prompt, stream })),
        { temperature: 0, topK: 0, topP: 1, seed: 0, stream: 0 },
        { maxNewTokens: 12, stopIds: [], bannedIds: [] },
      );
      expect(completions.map((c) => [...c.tokens])).toEqual(golden.generation.map((g) => g.completion));
      decoder.destroy();
    });

    it('is the base model without the adapter, which training does not change', async () => {
      const settings = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };
      const before = await adapter.params.read();
      trainer.step({ learningRate: 0.1, ...settings });
      expect(await adapter.params.read()).not.toEqual(before);
      const reference = new Scorer(model, 64, 32);
      await reference.prepare();
      reference.forward(batch, golden.temperature);
      expect(relativeError((await reference.stats()).logp, array('logp'))).toBeLessThan(1e-5);
      reference.destroy();
      await gpu.settle();
    });
  },
);
