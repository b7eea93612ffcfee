/** Models whose weights are kept in fewer bits, against the same in float32. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { pack, unpack, type WeightType } from '../gpu/kernels/packed-weights';
import { relativeError } from '../gpu/reference';
import { Random } from '../random';
import { flattenAdapter, parseAdapterConfig } from './adapter-files';
import { packSequences } from './batch';
import { parseModelConfig } from './config';
import { Decoder } from './decoder';
import { ModelFileError } from './errors';
import { GOLDEN_LORA, sequencesOf } from './golden-files';
import { Adapter } from './lora';
import { Model } from './model';
import { parameterShapes } from './parameters';
import { readSafetensors, type Tensor } from './safetensors';
import { QWEN_HALF_B } from './testing';
import { Scorer, Trainer } from './trainer';
import { tensorWeights } from './weights';

/** Largest error of the logits, as a share of the largest of them: of models so narrow that errors hardly average out. */
const TOLERANCES: Record<'float16' | 'int8' | 'int4', { dtype: WeightType; tolerance: number }> = {
  float16: { dtype: 'float16', tolerance: 3e-3 },
  int8: { dtype: 'int8', tolerance: 0.08 },
  int4: { dtype: 'int4', tolerance: 0.8 },
};

describe.each([
  // An embedding that is spread over buffers, and its logits made part by part.
  { ...GOLDEN_LORA.qwen2, bindingBytes: 8192, dtypes: [TOLERANCES.int8] },
  { ...GOLDEN_LORA.qwen3, bindingBytes: undefined, dtypes: [TOLERANCES.float16, TOLERANCES.int4] },
])(
  '$name, bindings of at most $bindingBytes bytes',
  ({ config: json, golden, arrays, weights, adapterConfig, adapter: file, bindingBytes, dtypes }) => {
    const config = parseModelConfig(json);
    const lora = parseAdapterConfig(adapterConfig);
    const expected = arrays();
    const array = (name: string) => expected.get(name)!.data;
    const batch = packSequences(sequencesOf(golden.ids, golden.lengths));
    const coefficients = new Float32Array(2 * batch.tokens);
    array('logp_coefficient').forEach((g, t) => (coefficients[2 * t] = g));
    array('entropy_coefficient').forEach((h, t) => (coefficients[2 * t + 1] = h));
    let gpu: Gpu;
    beforeAll(async () => {
      gpu = await sharedGpu({ bindingBytes });
    });
    afterAll(() => {
      expect(gpu.allocatedBytes).toBe(0);
    });

    /** What a model with the golden adapter computes. */
    async function computed(model: Model) {
      const adapter = new Adapter(gpu, config, lora);
      adapter.params.write(flattenAdapter(config, lora, readSafetensors(file(), 'adapter')));
      const trainer = new Trainer(model, 31, 31, { adapter });
      await trainer.prepare();
      trainer.forward(batch, golden.temperature);
      const { logp } = await trainer.stats();
      const logits = bindingBytes === undefined ? await trainer.logits() : undefined;
      trainer.zeroGradients();
      trainer.backward(coefficients);
      const gradients = await trainer.gradients();
      const decoder = new Decoder(model, { slots: 2, maxLength: 24 }, adapter);
      await decoder.prepare();
      const completions = await decoder.generate(
        golden.generation.map(({ prompt }, stream) => ({ prompt, stream })),
        { temperature: 0, topK: 0, topP: 1, seed: 0, stream: 0 },
        { maxNewTokens: 12, stopIds: [], bannedIds: [] },
      );
      await gpu.settle();
      for (const made of [decoder, trainer, adapter]) made.destroy();
      return { logp, logits, gradients, tokens: completions.map((c) => [...c.tokens]) };
    }

    it.each(dtypes)(
      'in $dtype computes as with these very weights in float32: log-probs, gradients of LoRA, tokens',
      async ({ dtype, tolerance }) => {
        const packed = new Model(gpu, config, dtype);
        await packed.load(tensorWeights(weights(), 'model.safetensors'));
        const kept = await packed.download();
        for (const [name, { shape, data }] of weights()) {
          const type = shape.length > 1 ? dtype : 'float32';
          const words = new Uint32Array(new Float32Array(data).buffer);
          const columns = shape[shape.length - 1];
          const want = type === 'float32' ? words : new Uint32Array(pack(data, columns, type));
          expect(kept.get(name)!.data, name).toEqual(unpack(want, columns, type));
        }
        const whole = new Model(gpu, config);
        whole.upload(kept, 'unpacked');
        const [got, want] = [await computed(packed), await computed(whole)];
        expect(relativeError(got.logp, want.logp)).toBeLessThan(1e-6);
        expect(relativeError(got.gradients, want.gradients)).toBeLessThan(1e-6);
        expect(got.tokens).toEqual(want.tokens);
        if (got.logits) {
          const error = relativeError(got.logits, array('lora.logits'));
          expect(error).toBeLessThan(tolerance);
          expect(error).toBeGreaterThan(0);
        }
        for (const model of [packed, whole]) model.destroy();
      },
    );
  },
);

describe('weights in the shape of Qwen2.5-0.5B: one layer, and 4,096 of its words', () => {
  const config = { ...QWEN_HALF_B, numHiddenLayers: 1, vocabSize: 4096 };
  const tokens = 12;
  const random = new Random(11);
  const drawn = Float32Array.from({ length: 100_003 }, () => 0.02 * random.normal());
  const tensors = new Map(
    parameterShapes(config).map(({ name, shape }, index): [string, Tensor] => {
      const size = shape.reduce((a, b) => a * b);
      const value = (i: number) =>
        name.endsWith('norm.weight') ? 1 : drawn[(i + index * 7919) % drawn.length];
      return [name, { name, shape, data: Float32Array.from({ length: size }, (_, i) => value(i)) }];
    }),
  );
  let gpu: Gpu;
  let whole: Float32Array;
  beforeAll(async () => {
    gpu = await sharedGpu();
    whole = await logits('float32');
  });

  async function logits(dtype: WeightType): Promise<Float32Array> {
    const model = new Model(gpu, config, dtype);
    model.upload(tensors, 'random weights');
    const scorer = new Scorer(model, tokens, tokens);
    await scorer.prepare();
    const ids = Array.from({ length: tokens }, (_, i) => (i * 997) % config.vocabSize);
    scorer.forward(packSequences([{ ids, promptLength: 1 }]));
    const result = await scorer.logits();
    await gpu.settle();
    for (const made of [scorer, model]) made.destroy();
    return result;
  }

  it.each([
    { dtype: 'float16', most: 1e-3 },
    { dtype: 'int8', most: 0.025 },
    { dtype: 'int4', most: 0.35 },
  ] as const)('$dtype: root mean square error of the logits (seed 11)', async ({ dtype, most }) => {
    const got = await logits(dtype);
    let [error, all] = [0, 0];
    whole.forEach((x, i) => {
      error += (x - got[i]) ** 2;
      all += x * x;
    });
    expect(Math.sqrt(error / all)).toBeLessThan(most);
    expect(error).toBeGreaterThan(0);
  });

  it('a weight beyond float16 is named', () => {
    const model = new Model(gpu, config, 'float16');
    const name = 'model.layers.0.mlp.up_proj.weight';
    const data = tensors.get(name)!.data.slice();
    data[5] = 1e5;
    const wrong = new Map(tensors).set(name, { ...tensors.get(name)!, data });
    expect(() => model.upload(wrong, 'model.safetensors')).toThrow(ModelFileError);
    expect(() => model.upload(wrong, 'model.safetensors')).toThrow(/up_proj.weight: 100000 is beyond/);
    model.destroy();
  });

  it('weights in fewer bits are not trained', () => {
    const model = new Model(gpu, config, 'int8');
    expect(() => new Trainer(model, tokens, tokens)).toThrow(/int8 cannot be trained/);
    model.destroy();
  });
});
