import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { pack, rowWords, unpack, type WeightType } from './packed-weights';

const kept = (values: Float32Array, columns: number, type: WeightType) =>
  unpack(new Uint32Array(pack(values, columns, type)), columns, type);

const rootMeanSquare = (values: Float32Array) =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0) / values.length);

/** Error of what is kept, as a share of the weights' root mean square. */
function relativeRms(values: Float32Array, columns: number, type: WeightType): number {
  const after = kept(values, columns, type);
  return rootMeanSquare(values.map((x, i) => x - after[i])) / rootMeanSquare(values);
}

describe.each([
  { type: 'float16', bits: 16, most: 3e-4, heavy: 3e-4 },
  { type: 'int8', bits: 8.5, most: 0.0056, heavy: 0.008 },
  { type: 'int4', bits: 4.5, most: 0.083, heavy: 0.12 },
] as const)('$type', ({ type, bits, most, heavy }) => {
  it(`takes ${bits} bits a weight`, () => {
    expect(32 * rowWords(type, 896)).toBe(bits * 896);
    expect(pack(new Float32Array(3 * 896), 896, type).length).toBe(3 * rowWords(type, 896));
  });

  it.each([1, 2, 3])('keeps weights up to its error (seed %i)', (seed) => {
    const random = new Random(seed);
    const normal = Float32Array.from({ length: 64 * 896 }, () => 0.02 * random.normal());
    expect(relativeRms(normal, 896, type)).toBeLessThan(most);
    // Some channels are four times as large, as those of trained models are.
    const outliers = normal.map((x, i) => (i % 97 === 0 ? 4 * x : x));
    expect(relativeRms(outliers, 896, type)).toBeLessThan(heavy);
  });

  it.each([1, 7, 31, 33, 63, 65, 100])('keeps rows of %i values apart', (columns) => {
    const random = new Random(columns);
    const rows = Array.from({ length: 3 }, () =>
      Float32Array.from({ length: columns }, () => random.normal()),
    );
    const all = Float32Array.from(rows.flatMap((row) => [...row]));
    expect([...kept(all, columns, type)]).toEqual(rows.flatMap((row) => [...kept(row, columns, type)]));
  });

  it('keeps zeros, and nothing of the extremes of f32 makes it NaN', () => {
    expect(kept(new Float32Array(64), 64, type).every((x) => x === 0)).toBe(true);
    const tiny = new Float32Array(64).fill(1e-45);
    expect(Math.max(...kept(tiny, 64, type).map(Math.abs))).toBeLessThan(1e-37);
    if (type !== 'float16')
      expect(kept(new Float32Array(64).fill(3e38), 64, type).every(Number.isFinite)).toBe(true);
  });

  it('is the same when it is packed again', () => {
    if (type === 'int4') return;
    const random = new Random(5);
    const once = kept(
      Float32Array.from({ length: 640 }, () => random.normal()),
      64,
      type,
    );
    expect(kept(once, 64, type)).toEqual(once);
  });
});

it('float16 is the nearest of its numbers, ties to even, subnormals too', () => {
  const half = (bits: number) => unpack(new Uint32Array(32).fill(bits), 64, 'float16')[0];
  const asF32 = new Float32Array(1);
  const next = (value: number, step: 1 | -1) => {
    asF32[0] = value;
    new Uint32Array(asF32.buffer)[0] += step;
    return asF32[0];
  };
  const values: number[] = [];
  const expected: number[] = [];
  for (let bits = 0; bits < 0x7bff; bits += bits < 1100 ? 1 : 37) {
    const [below, above] = [half(bits), half(bits + 1)];
    const middle = (below + above) / 2;
    values.push(below, next(middle, -1), middle, next(middle, 1), -above);
    expected.push(below, below, bits % 2 ? above : below, above, -above);
  }
  expect([...kept(Float32Array.from(values), values.length, 'float16')]).toEqual(expected);
});

it('float16 refuses what is beyond it, and names it', () => {
  expect([...kept(Float32Array.of(65504, 65519), 2, 'float16')]).toEqual([65504, 65504]);
  expect(() => pack(Float32Array.of(-65520), 1, 'float16')).toThrow(/-65520 is beyond/);
});

it('float32 is kept as it is', () => {
  const values = Float32Array.of(1, -0.5, 1e-45, 3e38);
  expect(pack(values, 4, 'float32')).toBe(values);
  expect(unpack(new Uint32Array(values.buffer), 4, 'float32')).toEqual(values);
});
