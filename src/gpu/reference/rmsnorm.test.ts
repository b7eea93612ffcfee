import { expect, it } from 'vitest';
import { Random } from '../../random';
import { relativeError } from './numbers';
import * as rmsnorm from './rmsnorm';
import { dot, normals, numericGradient } from './testing';

it('gives rows of root mean square 1 under unit weights', () => {
  const { y, rstd } = rmsnorm.forward(
    Float64Array.of(3, 4, 0, 0, 2, 2, 2, 2),
    Float64Array.of(1, 1, 1, 1),
    0,
  );
  expect([...rstd]).toEqual([0.4, 0.5]);
  expect(relativeError(y, Float64Array.of(1.2, 1.6, 0, 0, 1, 1, 1, 1))).toBeLessThan(1e-15);
});

it.each([1, 2, 3])('has the gradients of finite differences (seed %i)', (seed) => {
  const random = new Random(seed);
  const [T, d, eps] = [random.range(1, 6), random.range(1, 9), 1e-2];
  const x = normals(random, T * d);
  const w = normals(random, d);
  const dy = normals(random, T * d);
  const loss = () => dot(dy, rmsnorm.forward(x, w, eps).y);
  const { dx, dw } = rmsnorm.backward(x, w, rmsnorm.forward(x, w, eps).rstd, dy);
  expect(relativeError(dx, numericGradient(loss, x))).toBeLessThan(1e-6);
  expect(relativeError(dw, numericGradient(loss, w))).toBeLessThan(1e-6);
});

it('refuses rows that are cut short', () => {
  expect(() => rmsnorm.forward(new Float64Array(7), new Float64Array(3), 0)).toThrow(RangeError);
});
