/**
 * The safetensors format, in and out: 8 bytes little-endian header length, a JSON header
 * `{name: {dtype, shape, data_offsets: [begin, end]}}`, then the data that the offsets count from.
 * The reader trusts nothing in the header, and allocates nothing for tensors before all of it has been checked.
 */
import { ModelFileError } from './errors';
import { BYTES, toFloat32, type Dtype } from './weights';

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major. May be a view into the bytes it was read from. */
  readonly data: Float32Array;
}

/** The limit of Hugging Face's own reader. */
const MAX_HEADER_BYTES = 100_000_000;
const RESERVED_NAMES = ['__proto__', 'constructor', 'prototype'];
const DOWNLOAD_AGAIN = 'Download or export it again.';

interface Entry {
  name: string;
  dtype: Dtype;
  shape: number[];
  begin: number;
  end: number;
}

type Fail = (problem: string, remedy?: string) => never;

/**
 * Reads every tensor, in the order of the data. F32 tensors are views into `bytes` where these are 4-byte aligned;
 * F16 and BF16 are converted.
 * @throws ModelFileError naming `fileName` and what is wrong.
 */
export function readSafetensors(bytes: Uint8Array, fileName: string): Map<string, Tensor> {
  const fail: Fail = (problem, remedy = DOWNLOAD_AGAIN) => {
    throw new ModelFileError(fileName, problem, remedy);
  };
  const headerBytes = headerLength(bytes, fail);
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes), fail);
  const entries = Object.entries(header)
    .filter(([name, value]) => name !== '__metadata__' || checkMetadata(value, fail))
    .map(([name, value]) => parseEntry(name, value, fail))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const data = bytes.subarray(8 + headerBytes);
  checkCoverage(entries, data.byteLength, fail);
  return new Map(
    entries.map(({ name, dtype, shape, begin, end }) => [
      name,
      { name, shape, data: toFloat32(data.subarray(begin, end), dtype) },
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

function headerLength(bytes: Uint8Array, fail: Fail): number {
  if (bytes.byteLength < 8) fail(`it has ${bytes.byteLength} bytes, too few for a safetensors file`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    fail(
      `its header claims ${length} bytes, more than the ${MAX_HEADER_BYTES} allowed`,
      'Check that it is a safetensors file.',
    );
  }
  if (length > bytes.byteLength - 8) {
    fail(`its header claims ${length} bytes but the file has ${bytes.byteLength}: it is cut short`);
  }
  return Number(length);
}

function parseHeader(bytes: Uint8Array, fail: Fail): object {
  if (bytes[0] !== 0x7b) fail('its header does not start with "{"', 'Check that it is a safetensors file.');
  let header: unknown;
  let text = '';
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(text);
  } catch {
    fail('its header is not valid JSON in UTF-8');
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) fail(`its header has the key ${quote(repeated)} twice`);
  return header as object;
}

/** The first key that occurs twice in one object of a valid JSON text; JSON.parse would silently keep the last. */
function repeatedKey(json: string): string | undefined {
  const open: Set<string>[] = [];
  for (let i = 0; i < json.length; i++) {
    if (json[i] === '{') open.push(new Set());
    else if (json[i] === '}') open.pop();
    else if (json[i] === '"') {
      const start = i++;
      while (json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
      let next = i + 1;
      while (' \t\n\r'.includes(json[next] ?? '.')) next++;
      if (json[next] !== ':') continue;
      const key = JSON.parse(json.slice(start, i + 1)) as string;
      const keys = open[open.length - 1];
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** False, so that it drops out of the entries. */
function checkMetadata(value: unknown, fail: Fail): false {
  const sound = isObject(value) && Object.values(value).every((v) => typeof v === 'string');
  if (!sound) fail('its __metadata__ is not an object of strings');
  return false;
}

function parseEntry(name: string, value: unknown, fail: Fail): Entry {
  if (RESERVED_NAMES.includes(name)) {
    fail(`a tensor has the reserved name ${quote(name)}`, 'Rename the tensor.');
  }
  const failTensor: Fail = (problem, remedy) => fail(`tensor ${quote(name)} ${problem}`, remedy);
  if (!isObject(value)) return failTensor('is not described by an object');
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) failTensor(`has the unknown field ${quote(unknown)}`);
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES, dtype)) {
    return failTensor(
      `has dtype ${quote(dtype)}; only F32, F16 and BF16 are read`,
      'Export the model again in one of these.',
    );
  }
  if (!isSizes(shape)) return failTensor('has a shape that is not a list of sizes');
  if (!isSizes(offsets) || offsets.length !== 2) {
    return failTensor('has data_offsets that are not two byte positions');
  }
  const count = elementCount(shape);
  const [begin, end] = offsets;
  if (count === undefined) return failTensor('has a shape too large to count its values');
  const need = count * BYTES[dtype as Dtype];
  if (end - begin !== need) {
    failTensor(`needs ${need} bytes by its shape, but its data_offsets hold ${end - begin}`);
  }
  return { name, dtype: dtype as Dtype, shape, begin, end };
}

/** Entries sorted by position must tile the data exactly. */
function checkCoverage(entries: readonly Entry[], size: number, fail: Fail): void {
  let position = 0;
  for (const { name, begin, end } of entries) {
    if (end > size) {
      fail(
        `tensor ${quote(name)} ends at byte ${end} of the data, which has only ${size}: the file is cut short`,
      );
    }
    if (begin < position) fail(`tensor ${quote(name)} overlaps another one at byte ${begin} of the data`);
    if (begin > position) fail(`bytes ${position} to ${begin} of the data belong to no tensor`);
    position = end;
  }
  if (position < size) fail(`the last ${size - position} bytes of the data belong to no tensor`);
}

/** Product of the sizes, or undefined where it is no longer exact. */
function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count * 4)) return undefined;
  }
  return count;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** For messages: a short line, whatever the header holds. */
function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
}
