import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { relativeError } from './numbers';
import * as rope from './rope';
import { dot, normals, numericGradient } from './testing';

const shape = { heads: 3, hd: 6, theta: 1e4 };
const size = shape.heads * shape.hd;

it('turns (x[j], x[j + hd/2]) by pos · theta^(−2j/hd)', () => {
  const [a, b] = [3, 3 / 100];
  const y = rope.forward(Float64Array.of(1, 1, 0, 0), Uint32Array.of(3), { heads: 1, hd: 4, theta: 1e4 });
  const expected = Float64Array.of(Math.cos(a), Math.cos(b), Math.sin(a), Math.sin(b));
  expect(relativeError(y, expected)).toBeLessThan(1e-15);
});

describe.each([1, 2, 3])('seed %i', (seed) => {
  const random = new Random(seed);
  const pos = Uint32Array.of(0, 1, 2, 0, random.int(4096));
  const x = normals(random, pos.length * size);
  const dy = normals(random, x.length);

  it('is a rotation: keeps inner products, and the backward pass undoes it', () => {
    const [rx, rdy] = [x, dy].map((a) => rope.forward(a, pos, shape));
    expect(dot(rx, rdy)).toBeCloseTo(dot(x, dy), 10);
    expect(relativeError(rope.backward(rx, pos, shape), x)).toBeLessThan(1e-12);
    expect([...rx.subarray(0, size)]).toEqual([...x.subarray(0, size)]);
  });

  it('makes the product of query and key depend on their distance alone', () => {
    const [q, k] = [normals(random, size), normals(random, size)];
    const score = (i: number, j: number) =>
      dot(rope.forward(q, Uint32Array.of(i), shape), rope.forward(k, Uint32Array.of(j), shape));
    expect(score(1007, 1002)).toBeCloseTo(score(5, 0), 9);
  });

  it('has the gradient of finite differences', () => {
    const loss = () => dot(dy, rope.forward(x, pos, shape));
    expect(relativeError(rope.backward(dy, pos, shape), numericGradient(loss, x))).toBeLessThan(1e-6);
  });

  it('has the gradients of finite differences after the normalisation of each head', () => {
    const w = normals(random, shape.hd);
    const loss = () => dot(dy, rope.normedForward(x, w, 1e-2, pos, shape));
    const { dx, dw } = rope.normedBackward(x, w, 1e-2, dy, pos, shape);
    expect(relativeError(dx, numericGradient(loss, x))).toBeLessThan(1e-6);
    expect(relativeError(dw, numericGradient(loss, w))).toBeLessThan(1e-6);
  });
});

it('refuses an odd head dimension', () => {
  const odd = { heads: 1, hd: 3, theta: 1e4 };
  expect(() => rope.forward(new Float64Array(3), Uint32Array.of(0), odd)).toThrow(/must be even/);
});
