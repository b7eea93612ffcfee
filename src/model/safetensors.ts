/** The safetensors format, in and out; `shards.ts` reads files too large to be one piece of memory. */
import { elementCount, headerLength, headerOf, parseHeader, PREFIX_BYTES, quote } from './safetensors-header';
import { readFloats, toBfloat16, toFloat32, type WeightSource } from './weights';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. May be a view into the bytes it was read from. */
  readonly data: Float32Array;
}

/**
 * Reads every tensor, in the order of the data. F32 tensors are views into `bytes` where these are 4-byte aligned;
 * F16 and BF16 are converted.
 * @throws ModelFileError naming `fileName` and what is wrong.
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): Map<string, Tensor> {
  const length = headerLength(bytes.subarray(0, PREFIX_BYTES), bytes.byteLength, fileName);
  const json = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + length);
  return new Map(
    parseHeader(json, bytes.byteLength, fileName).map(({ name, dtype, shape, begin, end }) => [
      name,
      { name, shape, data: toFloat32(bytes.subarray(begin, end), dtype) },
    ]),
  );
}

/**
 * A safetensors file in F32 that Hugging Face's libraries read, in parts: the header, then one tensor after another, copied
 * when it is asked for.
 * @throws RangeError when a name is repeated or reserved, or a shape does not match its data
 */
export function* safetensorsParts(
  tensors: Iterable<Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Generator<Uint8Array<ArrayBuffer>, void, void> {
  const written = [...tensors];
  for (const { name, shape, data } of written)
    if (elementCount(shape) !== data.length)
      throw new RangeError(`Tensor ${quote(name)} of shape [${shape.join(', ')}] has ${data.length} values.`);
  yield headerOf(written, 'F32', metadata);
  for (const { data } of written) yield new Uint8Array(new Float32Array(data).buffer);
}

/**
 * A file as `safetensorsParts` writes it, of weights that lie elsewhere: no more than a part of a tensor is in memory.
 * @param dtype the type of all values; BF16 is rounded to the nearest, ties to even
 * @throws RangeError as `safetensorsParts`; ModelFileError when a value is not finite; what `weights.read` throws
 */
export async function* streamedSafetensors(
  weights: WeightSource,
  dtype: 'F32' | 'BF16',
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  yield headerOf(weights.entries.values(), dtype);
  for (const name of weights.entries.keys())
    for await (const { values } of readFloats(weights, name))
      yield dtype === 'BF16' ? toBfloat16(values) : new Uint8Array(new Float32Array(values).buffer);
}

/** All of `safetensorsParts` as one piece, in F32. */
export function writeSafetensors(
  tensors: Iterable<Tensor>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const parts = [...safetensorsParts(tensors, metadata)];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
