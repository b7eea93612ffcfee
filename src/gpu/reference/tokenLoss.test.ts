import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { relativeError } from './numbers';
import { dot, normals, numericGradient } from './testing';
import * as tokenLoss from './tokenLoss';

it('is uniform for equal logits, at any temperature', () => {
  const { logp, entropy, lse } = tokenLoss.forward(Float64Array.of(6, 6, 6, 6), Uint32Array.of(3), 2);
  expect(logp[0]).toBeCloseTo(-Math.log(4), 14);
  expect(entropy[0]).toBeCloseTo(Math.log(4), 14);
  expect(lse[0]).toBeCloseTo(3 + Math.log(4), 14);
});

describe.each([
  { seed: 1, temperature: 1 },
  { seed: 2, temperature: 0.6 },
  { seed: 3, temperature: 1.7 },
])('temperature $temperature (seed $seed)', ({ seed, temperature }) => {
  const random = new Random(seed);
  const [T, V] = [5, 11];
  const target = Uint32Array.from({ length: T }, () => random.int(V));
  target[2] = tokenLoss.NO_TARGET;
  const logits = normals(random, T * V).map((z) => 3 * z);
  const [gLogp, gEntropy] = [normals(random, T), normals(random, T)];

  it('follows the definitions', () => {
    const { logp, entropy, lse } = tokenLoss.forward(logits, target, temperature);
    for (let t = 0; t < T; t++) {
      if (target[t] === tokenLoss.NO_TARGET) {
        expect([logp[t], entropy[t], lse[t]]).toEqual([0, 0, 0]);
        continue;
      }
      const weights = [...logits.subarray(t * V, (t + 1) * V)].map((z) => Math.exp(z / temperature));
      const total = weights.reduce((a, b) => a + b);
      const p = weights.map((weight) => weight / total);
      expect(logp[t]).toBeCloseTo(Math.log(p[target[t]]), 12);
      expect(entropy[t]).toBeCloseTo(-p.reduce((sum, pi) => sum + pi * Math.log(pi), 0), 12);
      expect(lse[t]).toBeCloseTo(Math.log(total), 12);
    }
  });

  it('has the gradient of finite differences, zero without a target', () => {
    const loss = () => {
      const { logp, entropy } = tokenLoss.forward(logits, target, temperature);
      return dot(gLogp, logp) + dot(gEntropy, entropy);
    };
    const dlogits = tokenLoss.backward(logits, target, temperature, gLogp, gEntropy);
    expect(relativeError(dlogits, numericGradient(loss, logits))).toBeLessThan(1e-6);
    expect(dlogits.subarray(2 * V, 3 * V).every((x) => x === 0)).toBe(true);
  });
});

it('stays finite for large logits and for tokens of probability 0', () => {
  const logits = Float64Array.of(1e5, 0, -Infinity);
  const { logp, entropy, lse } = tokenLoss.forward(logits, Uint32Array.of(0), 1);
  expect([logp[0], entropy[0], lse[0]]).toEqual([0, 0, 1e5]);
  const dlogits = tokenLoss.backward(logits, Uint32Array.of(0), 1, Float64Array.of(1), Float64Array.of(1));
  expect(dlogits.every((x) => x === 0)).toBe(true);
});

it('refuses a target outside the vocabulary and a temperature of 0', () => {
  expect(() => tokenLoss.forward(new Float64Array(3), Uint32Array.of(3), 1)).toThrow(/target 3/);
  expect(() => tokenLoss.forward(new Float64Array(3), Uint32Array.of(0), 0)).toThrow(/temperature/);
});
