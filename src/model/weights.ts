/** The weights of a model, wherever they lie: described at once, read one tensor or a part of one at a time. */
import { ModelFileError } from './errors';
import type { Tensor } from './safetensors';

/** The types of safetensors that are read. */
export type Dtype = 'F32' | 'F16' | 'BF16';
export const BYTES: Readonly<Record<Dtype, number>> = { F32: 4, F16: 2, BF16: 2 };

export interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** The file it lies in, for messages. */
  readonly file: string;
  /** Of its data: the product of the shape times the bytes of a value. */
  readonly bytes: number;
}

/** Opened, header-checked weights. */
export interface WeightSource {
  readonly entries: ReadonlyMap<string, WeightEntry>;
  /**
   * The raw bytes of one tensor in its own type, little-endian and row-major, or those from `begin` to before `end` of them.
   * @throws ModelFileError when the file no longer holds them; RangeError for a tensor that is not in `entries`
   */
  read(name: string, begin?: number, end?: number): Promise<Uint8Array>;
}

/** Consecutive values of one tensor. */
export interface Floats {
  /** Index of the first value in the tensor. */
  readonly offset: number;
  readonly values: Float32Array;
}

/** 4 MB of values in memory at a time, and what they are converted from. */
export const CHUNK_VALUES = 2 ** 20;

/**
 * One tensor as consecutive parts of at most `chunkValues` values: whoever writes each to the GPU and lets go of it never
 * holds the whole.
 * @throws ModelFileError when a value is not finite, naming it; what `source.read` throws
 */
export async function* readFloats(
  source: WeightSource,
  name: string,
  chunkValues = CHUNK_VALUES,
): AsyncGenerator<Floats, void, void> {
  const { dtype, bytes, file } = entryOf(source, name);
  const width = BYTES[dtype];
  for (let begin = 0; begin < bytes; begin += chunkValues * width) {
    const end = Math.min(bytes, begin + chunkValues * width);
    const values = toFloat32(await source.read(name, begin, end), dtype);
    const offset = begin / width;
    const at = firstNotFinite(values);
    if (at >= 0)
      throw new ModelFileError(
        file,
        `tensor ${name} holds ${values[at]} at position ${offset + at}`,
        'Export it again from a sound checkpoint.',
      );
    yield { offset, values };
  }
}

/** One tensor as a whole. @throws ModelFileError as `readFloats` does */
export async function readTensor(source: WeightSource, name: string): Promise<Tensor> {
  const { shape } = entryOf(source, name);
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for await (const { offset, values } of readFloats(source, name)) data.set(values, offset);
  return { name, shape, data };
}

/** The place of the first NaN or ±∞, or −1. A plain loop, for it passes over every weight of a model. */
export function firstNotFinite(values: Float32Array): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}

/** Weights in memory, as a source. */
export function tensorWeights(tensors: ReadonlyMap<string, Tensor>, file: string): WeightSource {
  const entries = new Map<string, WeightEntry>();
  for (const { name, shape, data } of tensors.values())
    entries.set(name, { name, shape, dtype: 'F32', file, bytes: data.byteLength });
  return {
    entries,
    read: (name, begin = 0, end) => {
      const data = tensors.get(name)?.data;
      if (!data) return Promise.reject(new RangeError(`There is no tensor ${name}.`));
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return Promise.resolve(bytes.subarray(begin, end));
    },
  };
}

/** The description of a tensor. @throws RangeError when there is none such */
export function entryOf({ entries }: Pick<WeightSource, 'entries'>, name: string): WeightEntry {
  const entry = entries.get(name);
  if (!entry) throw new RangeError(`There is no tensor ${name}.`);
  return entry;
}

/** The values of raw bytes; F32 is a view of `bytes` where these are 4-byte aligned. */
export function toFloat32(bytes: Uint8Array, dtype: Dtype): Float32Array {
  const width = BYTES[dtype];
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  const length = bytes.byteLength / width;
  if (dtype === 'F32') return new Float32Array(aligned.buffer, aligned.byteOffset, length);
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, length);
  const words = new Uint32Array(length);
  if (dtype === 'BF16') for (let i = 0; i < length; i++) words[i] = halves[i] << 16;
  else {
    const table = halfTable();
    for (let i = 0; i < length; i++) words[i] = table[halves[i]];
  }
  return new Float32Array(words.buffer);
}

/** The nearest bfloat16 numbers, ties to even, as bytes. */
export function toBfloat16(values: Float32Array): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    // Rounding a NaN could make it an infinity.
    const isNaN = (word & 0x7fffffff) > 0x7f800000;
    halves[i] = isNaN ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
  }
  return new Uint8Array(halves.buffer);
}

let halves: Uint32Array | undefined;

/** The float32 bits of every IEEE 754 half-precision number. */
function halfTable(): Uint32Array {
  halves ??= new Uint32Array(Float32Array.from({ length: 2 ** 16 }, (_, bits) => float16(bits)).buffer);
  return halves;
}

function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
