import { expect, test } from 'vitest';
import { ModelFileError } from './errors';
import { readFloats, tensorWeights, toFloat32, type Floats } from './weights';

const collect = async (parts: AsyncIterable<Floats>): Promise<Floats[]> => {
  const all: Floats[] = [];
  for await (const part of parts) all.push(part);
  return all;
};
const weights = (...data: number[]) =>
  tensorWeights(new Map([['w', { name: 'w', shape: [data.length], data: Float32Array.from(data) }]]), 'file');

test('a tensor comes in consecutive parts', async () => {
  const parts = await collect(readFloats(weights(1, 2, 3, 4, 5), 'w', 2));
  expect(parts.map(({ offset, values }) => [offset, ...values])).toEqual([
    [0, 1, 2],
    [2, 3, 4],
    [4, 5],
  ]);
});

test('a value that is not finite is named with its place in the whole tensor', async () => {
  const parts = collect(readFloats(weights(1, 2, 3, NaN), 'w', 2));
  await expect(parts).rejects.toThrow(ModelFileError);
  await expect(parts).rejects.toThrow('file: tensor w holds NaN at position 3');
});

test('half-precision numbers, the smallest and the largest among them', () => {
  const bits = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
  const values = toFloat32(new Uint8Array(bits.buffer), 'F16');
  const named = {
    0x3c00: 1,
    0xc000: -2,
    0x7bff: 65504,
    0x0400: 2 ** -14,
    0x0001: 2 ** -24,
    0xfc00: -Infinity,
  };
  for (const [at, value] of Object.entries(named)) expect(values[Number(at)]).toBe(value);
  expect(values[0x7e00]).toBeNaN();
  // Between two neighbours of one sign the values rise.
  for (let i = 1; i < 0x7c00; i++) expect(values[i]).toBeGreaterThan(values[i - 1]);
});

test('bfloat16 is the upper half of float32, at any alignment', () => {
  const value = new Float32Array([3.140625]);
  const high = new Uint8Array(value.buffer).subarray(2);
  const odd = new Uint8Array([0, ...high, ...high]).subarray(1);
  expect([...toFloat32(odd, 'BF16')]).toEqual([3.140625, 3.140625]);
});
