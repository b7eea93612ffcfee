/**
 * How the numbers of a weight matrix are kept: as f32, or packed row by row in fewer bits, as shaders/packed_weights.wgsl reads
 * them. Packed rows are padded with zeros to whole blocks of 64 values:
 *
 *   float16  32 words of two values, rounded to nearest, ties to even
 *   int8     16 words of four signed bytes, one word of two bfloat16 scales, for 32 values each: 8.5 bits a weight
 *   int4      8 words of eight signed 4-bit integers, one word of two scales: 4.5 bits a weight
 *
 * int8 is llama.cpp's Q8_0 and int4 its Q4_0, but for scales that have the range of f32. On normal weights the error of int4
 * is 8.2 % of their root mean square, of int8 0.55 %; bitsandbytes' NF4 in blocks of 64, as many bits a weight, has 9.2 %.
 */
import packFloat16Wgsl from '../../../shaders/pack_float16.wgsl?raw';
import packedWgsl from '../../../shaders/packed_weights.wgsl?raw';
import { spread, type Binding, type Dispatch } from '../program';

export const WEIGHT_TYPES = ['float32', 'float16', 'int8', 'int4'] as const;
export type WeightType = (typeof WEIGHT_TYPES)[number];

/** Values of a block, and of its halves with a scale each. */
const BLOCK = 64;
const HALF = 32;

const BLOCK_WORDS: Readonly<Record<Exclude<WeightType, 'float32'>, number>> = {
  float16: BLOCK / 2,
  int8: BLOCK / 4 + 1,
  int4: BLOCK / 8 + 1,
};

/** 32-bit words of a row of so many values. */
export const rowWords = (type: WeightType, columns: number): number =>
  type === 'float32' ? columns : Math.ceil(columns / BLOCK) * BLOCK_WORDS[type];

/** Of a shader that reads `W` as f32, or by `weights` of packed_weights.wgsl. */
export const weightConstants = (type: WeightType) => ({
  PACKED: type !== 'float32',
  FLOAT16: type === 'float16',
  INT8: type === 'int8',
  INT4: type === 'int4',
});

/** A shader with what it needs to read weights of this type. */
export const withWeights = (source: string, type: WeightType): string =>
  type === 'float32' ? source : packedWgsl + source;

/**
 * The words of whole rows, [rows · rowWords].
 * @throws RangeError when a value is beyond float16, naming it
 */
export function pack(values: Float32Array, columns: number, type: WeightType): Float32Array | Uint32Array {
  if (type === 'float32') return values;
  const width = rowWords(type, columns);
  const rows = values.length / columns;
  const words = new Uint32Array(rows * width);
  const block = new Float32Array(BLOCK);
  for (let row = 0; row < rows; row++)
    for (let column = 0, at = row * width; column < columns; column += BLOCK, at += BLOCK_WORDS[type]) {
      const from = row * columns + column;
      const present = Math.min(BLOCK, columns - column);
      block.set(values.subarray(from, from + present));
      block.fill(0, present);
      if (type === 'float16') packHalves(block, words, at);
      else packIntegers(block, words, at, type === 'int8' ? INT8 : INT4);
    }
  return words;
}

/** `pack` to float16 on the GPU: words [rows · rowWords] of x [rows, columns]. Numbers beyond float16 become its largest. */
export function packFloat16(
  { rows, columns }: { rows: number; columns: number },
  x: Binding,
  words: Binding,
): Dispatch {
  const width = rowWords('float16', columns);
  return {
    label: 'float16 copy',
    source: packFloat16Wgsl,
    constants: {},
    bindings: [{ words: [rows, columns, width] }, x, words],
    grid: () => spread(Math.ceil((rows * width) / 64)),
  };
}

/** @throws RangeError when a value is beyond float16, naming it */
export function checkFloat16(values: Float32Array): void {
  for (let i = 0; i < values.length; i++) toHalf(values[i]);
}

/** The values that `pack` kept, [rows · columns]. */
export function unpack(words: Uint32Array, columns: number, type: WeightType): Float32Array {
  if (type === 'float32') return new Float32Array(words.slice().buffer);
  const width = rowWords(type, columns);
  const rows = words.length / width;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const block = row * width + Math.floor(column / BLOCK) * BLOCK_WORDS[type];
      values[row * columns + column] = valueAt(words, block, column % BLOCK, type);
    }
  return values;
}

function valueAt(words: Uint32Array, block: number, i: number, type: Exclude<WeightType, 'float32'>): number {
  if (type === 'float16') return fromHalf((words[block + (i >> 1)] >>> (16 * (i & 1))) & 0xffff);
  const { bits } = type === 'int8' ? INT8 : INT4;
  const perWord = 32 / bits;
  const word = words[block + Math.floor(i / perWord)];
  const q = (word << (32 - bits * ((i % perWord) + 1))) >> (32 - bits);
  return q * scaleAt(words[block + BLOCK / perWord], i >= HALF ? 1 : 0);
}

/** The bits of a number, and the number of bits. */
const asBits = new Uint32Array(1);
const asNumber = new Float32Array(asBits.buffer);

function scaleAt(word: number, half: 0 | 1): number {
  asBits[0] = half ? word & 0xffff0000 : word << 16;
  return asNumber[0];
}

interface Integers {
  bits: 4 | 8;
  /** The extreme value of a half block is divided by each of these; the scale with the least squared error is kept. */
  divisors: readonly number[];
  lowest: number;
  highest: number;
}

/** Symmetric. */
const INT8: Integers = { bits: 8, divisors: [127], lowest: -127, highest: 127 };
/** The extreme value is at −8 or near it, for there is no +8. */
const INT4: Integers = { bits: 4, divisors: [-7, -7.5, -8, -8.5, -9], lowest: -8, highest: 7 };

function packIntegers(block: Float32Array, words: Uint32Array, at: number, format: Integers): void {
  const { bits: width, divisors, lowest, highest } = format;
  const perWord = 32 / width;
  const mask = 2 ** width - 1;
  for (const half of [0, 1] as const) {
    const begin = half * HALF;
    let extreme = 0;
    for (let i = begin; i < begin + HALF; i++) if (Math.abs(block[i]) > Math.abs(extreme)) extreme = block[i];
    if (extreme === 0) continue;
    let [scale, least] = [0, Infinity];
    for (const divisor of divisors) {
      const tried = toBfloat16(extreme / divisor);
      if (divisors.length === 1) scale = tried;
      else {
        const error = squaredError(block, begin, tried, lowest, highest);
        if (error < least) [scale, least] = [tried, error];
      }
    }
    // So small a number that its scale is 0.
    if (scale === 0) continue;
    const inverse = 1 / scale;
    for (let i = begin; i < begin + HALF; i++) {
      const q = Math.min(highest, Math.max(lowest, Math.round(block[i] * inverse)));
      words[at + Math.floor(i / perWord)] |= (q & mask) << (width * (i % perWord));
    }
    asNumber[0] = scale;
    words[at + BLOCK / perWord] |= half ? asBits[0] : asBits[0] >>> 16;
  }
}

function squaredError(block: Float32Array, begin: number, scale: number, lowest: number, highest: number) {
  const inverse = 1 / scale;
  let sum = 0;
  for (let i = begin; i < begin + HALF; i++) {
    const q = Math.min(highest, Math.max(lowest, Math.round(block[i] * inverse)));
    sum += (block[i] - q * scale) ** 2;
  }
  return sum;
}

/** The nearest bfloat16, away from zero at a tie. */
function toBfloat16(value: number): number {
  asNumber[0] = value;
  asBits[0] = (asBits[0] + 0x8000) & 0xffff0000;
  return asNumber[0];
}

const LARGEST_HALF = 65504;

function packHalves(block: Float32Array, words: Uint32Array, at: number): void {
  for (let i = 0; i < BLOCK; i += 2)
    words[at + i / 2] = (toHalf(block[i]) | (toHalf(block[i + 1]) << 16)) >>> 0;
}

/** The nearest IEEE 754 half-precision number, ties to even. @throws RangeError */
function toHalf(value: number): number {
  asNumber[0] = value;
  const sign = (asBits[0] >>> 16) & 0x8000;
  const magnitude = asBits[0] & 0x7fffffff;
  // Adding 0.5 rounds to a multiple of 2⁻²⁴, as a subnormal half is.
  if (magnitude < 0x38800000) {
    asNumber[0] = Math.abs(value) + 0.5;
    return sign | (asBits[0] - 0x3f000000);
  }
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  const half = (rounded >>> 13) - (112 << 10);
  if (half >= 0x7c00)
    throw new RangeError(`${value} is beyond ±${LARGEST_HALF}, the largest number of float16`);
  return sign | half;
}

function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
