import { expect, it } from 'vitest';
import { Random } from '../../random';
import * as attention from './attention';
import * as decodeAttention from './decodeAttention';
import { relativeError } from './numbers';
import { normals, packed } from './testing';

const shape = { H: 6, KV: 2, hd: 5, maxLen: 9 };
const row = shape.KV * shape.hd;

it.each([1, 2, 3])('is the last row of packed attention over what each slot holds (seed %i)', (seed) => {
  const random = new Random(seed);
  const S = 4;
  const slot = Uint32Array.of(2, 0, 3, 2);
  const length = Uint32Array.from(slot, () => random.range(1, shape.maxLen));
  const q = normals(random, slot.length * shape.H * shape.hd);
  const [kCache, vCache] = [0, 1].map(() => normals(random, S * shape.maxLen * row));
  const o = decodeAttention.forward(q, kCache, vCache, slot, length, shape);

  const width = shape.H * shape.hd;
  slot.forEach((s, m) => {
    const n = length[m];
    const { segStart } = packed([n]);
    const [k, v] = [kCache, vCache].map((cache) => cache.slice(s * shape.maxLen * row).subarray(0, n * row));
    const queries = normals(random, n * width);
    queries.set(q.subarray(m * width, (m + 1) * width), (n - 1) * width);
    const expected = attention.forward(queries, k, v, segStart, shape).o.subarray((n - 1) * width);
    expect(relativeError(o.subarray(m * width, (m + 1) * width), expected)).toBeLessThan(1e-14);
  });
});

it('gives zeros for an empty row and refuses to read outside the cache', () => {
  const [q, cache] = [new Float64Array(30).fill(1), new Float64Array(2 * shape.maxLen * row).fill(1)];
  const decode = (slot: number, length: number) =>
    decodeAttention.forward(q, cache, cache, Uint32Array.of(slot), Uint32Array.of(length), shape);
  expect(decode(1, 0).every((x) => x === 0)).toBe(true);
  expect(() => decode(2, 1)).toThrow(RangeError);
  expect(() => decode(0, 10)).toThrow(RangeError);
});
