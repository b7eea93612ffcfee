import { expect, it } from 'vitest';
import { Random } from '../../random';
import * as linear from './linear';
import { relativeError } from './numbers';
import { dot, normals, numericGradient } from './testing';

it('multiplies by the transposed weight and adds the bias', () => {
  const W = Float64Array.of(1, 0, 0, 0, 10, 100);
  const y = linear.forward(Float64Array.of(1, 2, 3), W, { T: 1, N: 2, K: 3 }, Float64Array.of(0.5, -1));
  expect([...y]).toEqual([1.5, 319]);
});

it.each([1, 2, 3])('has the gradients of finite differences (seed %i)', (seed) => {
  const random = new Random(seed);
  const shape = { T: random.range(1, 5), N: random.range(1, 7), K: random.range(1, 7) };
  const { T, N, K } = shape;
  const [x, W, bias, dy] = [T * K, N * K, N, T * N].map((n) => normals(random, n));
  const loss = () => dot(dy, linear.forward(x, W, shape, bias));
  expect(relativeError(linear.backwardInput(dy, W, shape), numericGradient(loss, x))).toBeLessThan(1e-6);
  expect(relativeError(linear.backwardWeight(dy, x, shape), numericGradient(loss, W))).toBeLessThan(1e-6);
  expect(relativeError(linear.backwardBias(dy, shape), numericGradient(loss, bias))).toBeLessThan(1e-6);
});
