import { expect, test } from 'vitest';
import { ModelFileError } from './errors';
import { readFloats, tensorWeights, toBfloat16, toFloat32, type Floats } from './weights';

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
  expect(values.subarray(1, 0x7c00).every((value, i) => value > values[i])).toBe(true);
});

test('bfloat16 is the upper half of float32, at any alignment', () => {
  const value = new Float32Array([3.140625]);
  const high = new Uint8Array(value.buffer).subarray(2);
  const odd = new Uint8Array([0, ...high, ...high]).subarray(1);
  expect([...toFloat32(odd, 'BF16')]).toEqual([3.140625, 3.140625]);
});

test('rounding to bfloat16 is to the nearest, ties to even, and goes back and forth', () => {
  // Between 1 and 1 + 2⁻⁷: below the middle, the middle (even is below), above it; then the middle whose even is above.
  const values = Float32Array.of(
    1 + 0.49 / 128,
    1 + 0.5 / 128,
    1 + 0.51 / 128,
    1 + 1.5 / 128,
    -0,
    NaN,
    -Infinity,
  );
  const back = toFloat32(toBfloat16(values), 'BF16');
  expect([...back]).toEqual([1, 1, 1 + 1 / 128, 1 + 2 / 128, -0, NaN, -Infinity]);
  expect(toBfloat16(back)).toEqual(toBfloat16(values));
});
