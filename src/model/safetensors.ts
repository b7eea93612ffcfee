/** The safetensors format, in and out, as one piece of memory; `shards.ts` reads files too large for that. */
import {
  elementCount,
  headerLength,
  parseHeader,
  PREFIX_BYTES,
  quote,
  RESERVED_NAMES,
} from './safetensors-header';
import { BYTES, toBfloat16, toFloat32 } from './weights';

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

export interface SafetensorsOptions {
  /** The type of all values; BF16 is rounded to the nearest, ties to even. */
  dtype?: 'F32' | 'BF16';
  metadata?: Readonly<Record<string, string>>;
}

/**
 * A safetensors file that Hugging Face's libraries read, in parts: the header, padded so that the data is 8-byte aligned, then
 * one tensor after another, converted when it is asked for.
 * @throws RangeError when a name is repeated or reserved, or a shape does not match its data
 */
export function* safetensorsParts(
  tensors: Iterable<Tensor>,
  { dtype = 'F32', metadata = {} }: SafetensorsOptions = {},
): Generator<Uint8Array<ArrayBuffer>, void, void> {
  const header = new Map<string, unknown>([['__metadata__', { format: 'pt', ...metadata }]]);
  const written: Float32Array[] = [];
  let size = 0;
  for (const { name, shape, data } of tensors) {
    if (header.has(name) || RESERVED_NAMES.includes(name)) {
      throw new RangeError(`Tensor name ${quote(name)} is repeated or reserved.`);
    }
    if (elementCount(shape) !== data.length) {
      throw new RangeError(`Tensor ${quote(name)} of shape [${shape.join(', ')}] has ${data.length} values.`);
    }
    const bytes = data.length * BYTES[dtype];
    header.set(name, { dtype, shape, data_offsets: [size, size + bytes] });
    written.push(data);
    size += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const start = new Uint8Array(PREFIX_BYTES + headerBytes).fill(0x20, PREFIX_BYTES);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
  start.set(json, PREFIX_BYTES);
  yield start;
  for (const data of written)
    yield dtype === 'BF16' ? toBfloat16(data) : new Uint8Array(new Float32Array(data).buffer);
}

/** All of `safetensorsParts` as one piece, in F32. */
export function writeSafetensors(
  tensors: Iterable<Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const parts = [...safetensorsParts(tensors, { metadata })];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
