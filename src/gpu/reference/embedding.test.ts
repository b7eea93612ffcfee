import { expect, it } from 'vitest';
import { Random } from '../../random';
import * as embedding from './embedding';
import { relativeError } from './numbers';
import { dot, normals, numericGradient } from './testing';

const shape = { V: 7, d: 5 };

it('copies one row of the table for each id', () => {
  const E = Float64Array.of(1, 2, 3, 4, 5, 6);
  expect([...embedding.forward(Uint32Array.of(2, 0, 2), E, { V: 3, d: 2 })]).toEqual([5, 6, 1, 2, 5, 6]);
});

it.each([1, 2, 3])('has the gradient of finite differences, repeated ids included (seed %i)', (seed) => {
  const random = new Random(seed);
  const ids = Uint32Array.from({ length: 11 }, () => random.int(shape.V));
  const E = normals(random, shape.V * shape.d);
  const dy = normals(random, ids.length * shape.d);
  const loss = () => dot(dy, embedding.forward(ids, E, shape));
  expect(relativeError(embedding.backward(ids, dy, shape), numericGradient(loss, E))).toBeLessThan(1e-6);
});

it('refuses an id outside the vocabulary', () => {
  expect(() => embedding.forward(Uint32Array.of(0, 7), new Float64Array(35), shape)).toThrow(
    /Token 1 has id 7/,
  );
  expect(() => embedding.backward(Uint32Array.of(9), new Float64Array(5), shape)).toThrow(/Token 0 has id 9/);
});
