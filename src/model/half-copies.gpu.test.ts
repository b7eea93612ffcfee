/** Models that are trained in f32 and computed with as float16, against float32 models of the rounded weights. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import { pack, unpack } from '../gpu/kernels/packed-weights';
import { adamw, relativeError } from '../gpu/reference';
import { packSequences } from './batch';
import { parseModelConfig } from './config';
import { Decoder } from './decoder';
import { ModelFileError } from './errors';
import { GOLDEN_LORA, sequencesOf } from './golden-files';
import { Model } from './model';
import type { Tensor } from './safetensors';
import { Trainer } from './trainer';
import { tensorWeights } from './weights';

const ADAMW: AdamWSettings = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0.1,
  maxGradNorm: 1,
};
const DOWN = 'model.layers.0.mlp.down_proj.weight';

/** The matrices as float16, computed on the host. */
const rounded = (tensors: ReadonlyMap<string, Tensor>) =>
  new Map(
    [...tensors].map(([name, tensor]): [string, Tensor] => {
      const { shape, data } = tensor;
      if (shape.length === 1) return [name, tensor];
      const words = new Uint32Array(pack(data, shape[1], 'float16'));
      return [name, { ...tensor, data: unpack(words, shape[1], 'float16') }];
    }),
  );

describe.each([
  // The embedding is spread over buffers, and its logits made part by part.
  { ...GOLDEN_LORA.qwen2, bindingBytes: 8192 },
  { ...GOLDEN_LORA.qwen3, bindingBytes: undefined },
])(
  '$name, bindings of at most $bindingBytes bytes',
  ({ config: json, golden, arrays, weights, bindingBytes }) => {
    const config = parseModelConfig(json);
    const expected = arrays();
    const batch = packSequences(sequencesOf(golden.ids, golden.lengths));
    const coefficients = new Float32Array(2 * batch.tokens);
    expected.get('logp_coefficient')!.data.forEach((g, t) => (coefficients[2 * t] = g));
    expected.get('entropy_coefficient')!.data.forEach((h, t) => (coefficients[2 * t + 1] = h));
    let gpu: Gpu;
    let half: Model;
    let whole: Model;
    let trainer: Trainer;
    let oracle: Trainer;

    beforeAll(async () => {
      gpu = await sharedGpu({ bindingBytes });
      half = new Model(gpu, config, 'float16', true);
      await half.load(tensorWeights(weights(), 'model.safetensors'));
      whole = new Model(gpu, config);
      [trainer, oracle] = [half, whole].map((model) => new Trainer(model, 31, 31));
      await Promise.all([trainer.prepare(), oracle.prepare()]);
    });
    afterAll(() => {
      for (const made of [trainer, oracle, half, whole]) made.destroy();
      expect(gpu.allocatedBytes).toBe(0);
    });

    async function gradientOf(trainer: Trainer): Promise<{ logp: Float32Array; gradient: Float32Array }> {
      trainer.forward(batch, golden.temperature);
      const { logp } = await trainer.stats();
      trainer.zeroGradients();
      trainer.backward(coefficients);
      return { logp, gradient: await trainer.gradients() };
    }

    /** Takes a step, and holds log-probs, gradient and what AdamW makes of the f32 weights to the oracles. */
    async function checkedStep(step: number): Promise<void> {
      whole.upload(rounded(await half.download()), 'rounded');
      const before = await half.downloadFlat();
      const { m, v } = await trainer.moments();
      const [got, want] = [await gradientOf(trainer), await gradientOf(oracle)];
      expect(relativeError(got.logp, want.logp), `log-probs, step ${step}`).toBeLessThan(1e-6);
      expect(relativeError(got.gradient, want.gradient), `gradient, step ${step}`).toBeLessThan(1e-6);
      const masters = Float64Array.from(before);
      const { learningRate: lr, epsilon: eps } = ADAMW;
      const options = { ...ADAMW, lr, eps, step };
      adamw.step(
        masters,
        Float64Array.from(want.gradient),
        Float64Array.from(m),
        Float64Array.from(v),
        options,
      );
      trainer.step(ADAMW);
      const after = await half.downloadFlat();
      const worst = after.reduce((most, x, i) => Math.max(most, Math.abs(x - masters[i])), 0);
      expect(worst, `parameters, step ${step}`).toBeLessThan(1e-3 * lr);
      expect(relativeError(after, before)).toBeGreaterThan(1e-3);
    }

    it('three steps: log-probs and gradients of the rounded weights, and AdamW moves those in f32', async () => {
      for (const step of [1, 2, 3]) await checkedStep(step);
      await gpu.settle();
    });

    it('is decoded, and frozen, as the rounded weights', async () => {
      const kept = rounded(await half.download());
      whole.upload(kept, 'rounded');
      const frozen = await half.frozenCopy();
      for (const [name, { data }] of await frozen.download())
        expect(data, name).toEqual(kept.get(name)!.data);
      const texts = [];
      for (const model of [half, whole, frozen]) {
        const decoder = new Decoder(model, { slots: 2, maxLength: 24 });
        await decoder.prepare();
        const completions = await decoder.generate(
          golden.generation.map(({ prompt }, stream) => ({ prompt, stream })),
          { temperature: 1, topK: 0, topP: 1, seed: 1, stream: 0 },
          { maxNewTokens: 12, stopIds: [], bannedIds: [] },
        );
        texts.push(completions.map(({ tokens }) => [...tokens]));
        await gpu.settle();
        decoder.destroy();
      }
      frozen.destroy();
      expect(texts[1]).toEqual(texts[0]);
      expect(texts[2]).toEqual(texts[0]);
    });

    it('steps too small for float16 add up, and come back from a checkpoint to the bit', async () => {
      const begun = rounded(await half.download());
      half.upload(begun, 'rounded');
      trainer.resetOptimizer();
      // Neighbours in float16 are 2⁻¹⁵ apart there: a step is a tenth of what would round to the next one.
      const places = [...begun.get(DOWN)!.data.entries()].flatMap(([i, w]) =>
        Math.abs(w) > 2 ** -4.9 && Math.abs(w) < 2 ** -4.1 ? [i] : [],
      );
      const settings = { ...ADAMW, learningRate: 0.1 * 2 ** -16, weightDecay: 0 };
      const moved = (tensors: ReadonlyMap<string, Tensor>) =>
        places.filter((i) => tensors.get(DOWN)!.data[i] !== begun.get(DOWN)!.data[i]).length / places.length;
      const computedWith = async () => rounded(await half.download());
      const steps = async (count: number) => {
        for (let i = 0; i < count; i++) {
          await gradientOf(trainer);
          trainer.step(settings);
        }
      };
      expect(places.length).toBeGreaterThan(20);
      await steps(1);
      expect(moved(await half.download())).toBeGreaterThan(0.95);
      expect(moved(await computedWith())).toBe(0);

      const kept = { params: await half.downloadFlat(), ...(await trainer.moments()) };
      await steps(24);
      expect(moved(await computedWith())).toBeGreaterThan(0.8);
      const end = await half.downloadFlat();
      half.uploadFlat(kept.params);
      trainer.restore(1, kept);
      await steps(24);
      expect(await half.downloadFlat()).toEqual(end);
      await gpu.settle();
    });

    it('weights beyond float16 are named when they are loaded', () => {
      const tensors = weights();
      const data = tensors.get(DOWN)!.data.slice();
      data[3] = -7e4;
      const wrong = new Map(tensors).set(DOWN, { ...tensors.get(DOWN)!, data });
      expect(() => half.upload(wrong, 'model.safetensors')).toThrow(ModelFileError);
      expect(() => half.upload(wrong, 'model.safetensors')).toThrow(/down_proj.weight: -70000 is beyond/);
    });
  },
);
