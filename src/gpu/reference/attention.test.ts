import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import * as attention from './attention';
import { relativeError } from './numbers';
import { dot, normals, numericGradient, packed } from './testing';

/** One head of one whole sequence by the textbook: the full score matrix, masked, softmax without any shift. */
function softmaxMatrix(q: number[][], k: number[][], v: number[][]): { o: number[][]; lse: number[] } {
  const weights = q.map((qi, i) =>
    k.map((kj, j) => (j > i ? 0 : Math.exp(qi.reduce((s, x, c) => s + x * kj[c], 0) / Math.sqrt(qi.length)))),
  );
  const totals = weights.map((row) => row.reduce((a, b) => a + b));
  const o = weights.map((row, i) =>
    v[0].map((_, c) => row.reduce((sum, weight, j) => sum + (weight / totals[i]) * v[j][c], 0)),
  );
  return { o, lse: totals.map(Math.log) };
}

/** Rows [start, end) of one head of a [T, heads, hd] array. */
function headRows(
  x: Float64Array,
  start: number,
  end: number,
  head: number,
  heads: number,
  hd: number,
): number[][] {
  return Array.from({ length: end - start }, (_, i) => {
    const at = ((start + i) * heads + head) * hd;
    return [...x.subarray(at, at + hd)];
  });
}

describe.each([
  { H: 4, KV: 2, hd: 3, lengths: [5, 1, 3], seed: 1 },
  { H: 3, KV: 3, hd: 5, lengths: [7], seed: 2 },
  { H: 3, KV: 1, hd: 2, lengths: [1, 2, 4], seed: 3 },
])('H $H, KV $KV, hd $hd, sequences $lengths (seed $seed)', ({ H, KV, hd, lengths, seed }) => {
  const random = new Random(seed);
  const shape = { H, KV, hd };
  const { segStart, segEnd } = packed(lengths);
  const T = segStart.length;
  const [q, k, v, dO] = [H, KV, KV, H].map((heads) => normals(random, T * heads * hd));

  it('is the masked softmax of each sequence alone', () => {
    const { o, lse } = attention.forward(q, k, v, segStart, shape);
    const starts = [...new Set(segStart)];
    starts.forEach((start, s) => {
      const end = start + lengths[s];
      for (let h = 0; h < H; h++) {
        const kv = Math.floor((h * KV) / H);
        const expected = softmaxMatrix(
          headRows(q, start, end, h, H, hd),
          headRows(k, start, end, kv, KV, hd),
          headRows(v, start, end, kv, KV, hd),
        );
        const actual = headRows(o, start, end, h, H, hd);
        expect(
          relativeError(Float64Array.from(actual.flat()), Float64Array.from(expected.o.flat())),
        ).toBeLessThan(1e-13);
        const actualLse = headRows(lse, start, end, h, H, 1);
        expect(
          relativeError(Float64Array.from(actualLse.flat()), Float64Array.from(expected.lse)),
        ).toBeLessThan(1e-13);
      }
    });
  });

  it('has the gradients of finite differences', () => {
    const loss = () => dot(dO, attention.forward(q, k, v, segStart, shape).o);
    const { o, lse } = attention.forward(q, k, v, segStart, shape);
    const { dq, dk, dv } = attention.backward(q, k, v, o, lse, dO, segStart, segEnd, shape);
    expect(relativeError(dq, numericGradient(loss, q))).toBeLessThan(1e-6);
    expect(relativeError(dk, numericGradient(loss, k))).toBeLessThan(1e-6);
    expect(relativeError(dv, numericGradient(loss, v))).toBeLessThan(1e-6);
  });
});

it('stays finite for scores far beyond the range of exp', () => {
  const { o, lse } = attention.forward(
    Float64Array.of(1, 1e3),
    Float64Array.of(1, 1e3),
    Float64Array.of(2, 5),
    Uint32Array.of(0, 0),
    { H: 1, KV: 1, hd: 1 },
  );
  expect([...o]).toEqual([2, 5]);
  expect([...lse]).toEqual([1, 1e6]);
});

it('refuses bounds that contradict each other, and heads that cannot be grouped', () => {
  const x = new Float64Array(3);
  const bounds = (start: number[], end: number[]) => () =>
    attention.backward(x, x, x, x, x, x, Uint32Array.from(start), Uint32Array.from(end), {
      H: 1,
      KV: 1,
      hd: 1,
    });
  expect(bounds([0, 0, 2], [2, 2, 3])).not.toThrow();
  expect(bounds([0, 0, 2], [2, 3, 3])).toThrow(/Token 1/);
  expect(bounds([0, 1, 2], [2, 2, 3])).toThrow(/Token 1/);
  expect(bounds([0, 0, 0], [4, 4, 4])).toThrow(/Token 0/);
  expect(() => attention.forward(x, x, x, Uint32Array.of(0), { H: 3, KV: 2, hd: 1 })).toThrow(/cannot share/);
});
