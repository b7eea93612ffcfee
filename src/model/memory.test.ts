import { describe, expect, it } from 'vitest';
import type { WeightType } from '../gpu/kernels/packed-weights';
import { TARGET_MODULES } from './layout';
import { estimateMemory, fittingSizes, memorySavings, totalMemory, type TrainingSize } from './memory';
import { QWEN_HALF_B } from './testing';

const limits = { bindingBytes: 2 ** 27, maxStorageBufferBindingSize: 2 ** 27 };
const size: TrainingSize = { positions: 1024, slots: 128, microBatchTokens: 4096, reference: 'fixed' };
const lora = { r: 16, alpha: 32, targetModules: TARGET_MODULES };
const estimate = (change: Partial<TrainingSize>) =>
  estimateMemory(QWEN_HALF_B, { ...size, ...change }, limits);

describe('memory of a 0.5B model', () => {
  it('counts each parameter once in weights and gradients, twice in the optimiser', () => {
    const { weights, gradients, optimizer } = estimate({});
    expect(weights / 4).toBeGreaterThanOrEqual(494_032_768);
    expect(weights / 4).toBeLessThan(494_040_000);
    expect(gradients).toBe(weights);
    expect(optimizer / weights).toBeCloseTo(2, 4);
  });

  it('under LoRA needs gradients and moments of the adapter alone, and no second model', () => {
    const { weights, adapter, gradients, optimizer, reference } = estimate({ lora });
    // Σ r · (inputs + outputs) over the seven projections of 24 layers.
    expect(adapter / 4).toBe(8_798_208);
    expect(gradients).toBe(adapter);
    expect(optimizer / adapter).toBeCloseTo(2, 2);
    expect(reference).toBeLessThan(weights / 4);
  });

  it('keeps frozen weights in as many bits as are asked for, norms and biases apart', () => {
    const whole = estimate({ lora }).weights;
    const share = (dtype: WeightType) => estimate({ lora, dtype }).weights / whole;
    expect(share('float16')).toBeCloseTo(16 / 32, 3);
    expect(share('int8')).toBeCloseTo(8.5 / 32, 3);
    expect(share('int4')).toBeCloseTo(4.5 / 32, 3);
  });

  it('keeps a float16 copy beside trained weights: half as much again, and of the reference nothing else', () => {
    const [whole, half] = [estimate({}), estimate({ dtype: 'float16' })];
    expect(half.weights / whole.weights).toBeCloseTo(1.5, 3);
    expect([half.gradients, half.optimizer]).toEqual([whole.gradients, whole.optimizer]);
    expect((whole.reference - half.reference) / whole.weights).toBeCloseTo(0.5, 2);
    const savings = memorySavings(QWEN_HALF_B, { ...size, reference: undefined, dtype: 'float16' }, limits);
    expect(savings.find(({ setting }) => setting === 'model.dtype')!.to).toBe('float32');
  });

  it('is less with gradient checkpointing, by nearly all but one of the layers', () => {
    const [all, inputs] = [{ lora }, { lora, gradientCheckpointing: true }].map(
      (c) => estimate(c).activations,
    );
    expect(inputs).toBeLessThan(all / 4);
  });

  it('never has logits of all tokens and words', () => {
    expect(estimate({}).logits).toBeLessThan(100 * 2 ** 20);
  });

  it('falls with every setting that is said to save, and names the cheapest first', () => {
    const savings = memorySavings(QWEN_HALF_B, size, limits);
    const totals = [totalMemory(estimate({})), ...savings.map(({ bytes }) => bytes)];
    expect(totals).toEqual(totals.toSorted((a, b) => b - a));
    expect(savings[0].setting).toBe('training.gradient_checkpointing');
    // Only frozen weights can be kept in fewer bits.
    const steps = savings.map(({ setting, to }) => `${setting} = ${to}`);
    expect(steps.slice(-4)).toEqual([
      'training.peft = lora',
      ...['float16', 'int8', 'int4'].map((dtype) => `model.dtype = ${dtype}`),
    ]);
  });
});

describe('on a device that binds 128 MiB', () => {
  it('fewer slots and smaller micro-batches are used, as many as fit', () => {
    const { decoder, capacity } = fittingSizes(QWEN_HALF_B, { ...size, positions: 3000 }, limits);
    expect(decoder.slots).toBe(Math.floor(2 ** 27 / (3000 * 2 * 2 * 64 * 4)));
    expect(capacity * 2 * 4864 * 4).toBeLessThanOrEqual(2 ** 27);
    expect(capacity).toBeGreaterThan(3000);
  });

  it('a sequence that does not fit is refused, and the setting named', () => {
    const long = { ...size, positions: 8192 };
    expect(() => fittingSizes(QWEN_HALF_B, long, limits)).toThrow(/rollout\.max_completion_length/);
  });
});
