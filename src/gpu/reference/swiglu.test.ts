import { expect, it } from 'vitest';
import { Random } from '../../random';
import { relativeError } from './numbers';
import * as swiglu from './swiglu';
import { dot, normals, numericGradient } from './testing';

it('gates the second half of a row by the first', () => {
  const act = swiglu.forward(Float64Array.of(0, 1, -800, 7, 2, 3), { T: 1, F: 3 });
  expect(relativeError(act, Float64Array.of(0, 2 / (1 + Math.exp(-1)), 0))).toBeLessThan(1e-15);
});

it.each([1, 2, 3])('has the gradient of finite differences (seed %i)', (seed) => {
  const random = new Random(seed);
  const shape = { T: random.range(1, 5), F: random.range(1, 7) };
  const gu = normals(random, shape.T * 2 * shape.F);
  const dact = normals(random, shape.T * shape.F);
  const loss = () => dot(dact, swiglu.forward(gu, shape));
  expect(relativeError(swiglu.backward(gu, dact, shape), numericGradient(loss, gu))).toBeLessThan(1e-6);
});
