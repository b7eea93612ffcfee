/** The safetensors format, in and out, as one piece of memory; `shards.ts` reads files too large for that. */
import {
  elementCount,
  headerLength,
  parseHeader,
  PREFIX_BYTES,
  quote,
  RESERVED_NAMES,
} from './safetensors-header';
import { toFloat32 } from './weights';

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
 * F32 safetensors bytes that Hugging Face's libraries read; the header is padded so that the data is 8-byte aligned.
 * @throws RangeError when a name is repeated or reserved, or a shape does not match its data.
 */
export function writeSafetensors(
  tensors: Iterable<Tensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>([['__metadata__', { format: 'pt', ...metadata }]]);
  const written: { offset: number; data: Float32Array }[] = [];
  let size = 0;
  for (const { name, shape, data } of tensors) {
    if (header.has(name) || RESERVED_NAMES.includes(name)) {
      throw new RangeError(`Tensor name ${quote(name)} is repeated or reserved.`);
    }
    if (elementCount(shape) !== data.length) {
      throw new RangeError(`Tensor ${quote(name)} of shape [${shape.join(', ')}] has ${data.length} values.`);
    }
    header.set(name, { dtype: 'F32', shape, data_offsets: [size, size + data.byteLength] });
    written.push({ offset: size, data });
    size += data.byteLength;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + size).fill(0x20, 8, 8 + headerBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(json, 8);
  const values = new Float32Array(bytes.buffer, 8 + headerBytes);
  for (const { offset, data } of written) values.set(data, offset / 4);
  return bytes;
}
