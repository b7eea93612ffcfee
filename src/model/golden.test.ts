/** The golden files agree with themselves, so that a failure against them is the engine's. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseModelConfig } from './config';
import { parameterShapes } from './parameters';
import { readSafetensors } from './safetensors';

interface Golden {
  ids: number[];
  lengths: number[];
  temperature: number;
  grad_norm: number[];
  adamw: { lr: number; eps: number; weight_decay: number; max_grad_norm: number };
}

describe.each(['qwen2-tiny', 'qwen3-tiny'])('%s', (name) => {
  const folder = new URL(`../../e2e/golden/${name}/`, import.meta.url);
  const json = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
  const load = (file: string) => readSafetensors(readFileSync(new URL(file, folder)), file);
  const config = parseModelConfig(json('config.json'));
  const golden = json('golden.json') as Golden;
  const [weights, arrays] = [load('model.safetensors'), load('golden.safetensors')];
  const array = (key: string) => arrays.get(key)!.data;

  test('log-probabilities and entropies follow from the logits, token by token', () => {
    const lastTokens = golden.lengths.map(
      (_, i) => golden.lengths.slice(0, i + 1).reduce((a, b) => a + b) - 1,
    );
    golden.ids.forEach((_, t) => {
      const row = array('logits').subarray(t * config.vocabSize, (t + 1) * config.vocabSize);
      const scaled = Array.from(row, (z) => z / golden.temperature);
      const logSum = Math.log(scaled.reduce((sum, z) => sum + Math.exp(z), 0));
      const entropy = scaled.reduce((sum, z) => sum + Math.exp(z - logSum) * (logSum - z), 0);
      const last = lastTokens.includes(t);
      expect(array('logp')[t]).toBeCloseTo(last ? 0 : scaled[golden.ids[t + 1]] - logSum, 5);
      expect(array('entropy')[t]).toBeCloseTo(last ? 0 : entropy, 5);
    });
  });

  test('the gradient norm is that of all gradients', () => {
    let squares = 0;
    for (const p of parameterShapes(config)) for (const g of array(`grad.${p.name}`)) squares += g * g;
    expect(Math.sqrt(squares) / golden.grad_norm[0]).toBeCloseTo(1, 6);
  });

  test('the first AdamW step is that of the clipped gradients', () => {
    const { lr, eps, weight_decay, max_grad_norm } = golden.adamw;
    const clip = Math.min(1, max_grad_norm / golden.grad_norm[0]);
    for (const { name: parameter, shape } of parameterShapes(config)) {
      const step1 = arrays.get(`step1.${parameter}`)!;
      expect(step1.shape).toEqual(shape);
      const grad = array(`grad.${parameter}`);
      const before = weights.get(parameter)!.data;
      step1.data.forEach((after, i) => {
        const g = grad[i] * clip;
        expect(after).toBeCloseTo(before[i] * (1 - lr * weight_decay) - (lr * g) / (Math.abs(g) + eps), 5);
      });
    }
  });
});
