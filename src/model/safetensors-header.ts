/**
 * The header of a safetensors file: 8 bytes little-endian length, then JSON `{name: {dtype, shape, data_offsets: [begin, end]}}`,
 * then the data that the offsets count from. Nothing in it is believed, and nothing is allocated by what it claims.
 */
import { ModelFileError } from './errors';
import { BYTES, type Dtype } from './weights';

/** Bytes before the JSON. */
export const PREFIX_BYTES = 8;

export interface HeaderEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Byte positions in the file. */
  readonly begin: number;
  readonly end: number;
}

/** The limit of Hugging Face's own reader. */
const MAX_HEADER_BYTES = 100_000_000;
const RESERVED_NAMES: readonly string[] = ['__proto__', 'constructor', 'prototype'];
const DOWNLOAD_AGAIN = 'Download or export it again.';

type Fail = (problem: string, remedy?: string) => never;

const failer =
  (fileName: string): Fail =>
  (problem, remedy = DOWNLOAD_AGAIN) => {
    throw new ModelFileError(fileName, problem, remedy);
  };

/**
 * Bytes of the JSON, at most those of the file.
 * @param prefix the first 8 bytes of the file, or all where it is shorter
 * @throws ModelFileError
 */
export function headerLength(prefix: Uint8Array, fileBytes: number, fileName: string): number {
  const fail = failer(fileName);
  if (prefix.byteLength < PREFIX_BYTES)
    fail(`it has ${prefix.byteLength} bytes, too few for a safetensors file`);
  const length = new DataView(prefix.buffer, prefix.byteOffset, PREFIX_BYTES).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    fail(
      `its header claims ${length} bytes, more than the ${MAX_HEADER_BYTES} allowed`,
      'Check that it is a safetensors file.',
    );
  }
  if (length > fileBytes - PREFIX_BYTES)
    fail(`its header claims ${length} bytes but the file has ${fileBytes}: it is cut short`);
  return Number(length);
}

/**
 * The tensors that the JSON describes, in the order of their data, which they tile exactly.
 * @throws ModelFileError naming `fileName` and what is wrong
 */
export function parseHeader(json: Uint8Array, fileBytes: number, fileName: string): HeaderEntry[] {
  const fail = failer(fileName);
  const start = PREFIX_BYTES + json.byteLength;
  const entries = Object.entries(parseJson(json, fail))
    .filter(([name, value]) => name !== '__metadata__' || checkMetadata(value, fail))
    .map(([name, value]) => parseEntry(name, value, fail))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, fileBytes - start, fail);
  return entries.map((entry) => ({ ...entry, begin: start + entry.begin, end: start + entry.end }));
}

function parseJson(bytes: Uint8Array, fail: Fail): object {
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
export function repeatedKey(json: string): string | undefined {
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

function parseEntry(name: string, value: unknown, fail: Fail): HeaderEntry {
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
function checkCoverage(entries: readonly HeaderEntry[], size: number, fail: Fail): void {
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
export function elementCount(shape: readonly number[]): number | undefined {
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count * 4)) return undefined;
  }
  return count;
}

/**
 * What a file of these tensors begins with, in the order of their data: the length and the JSON, padded so that the data is
 * 8-byte aligned. All are of one type.
 * @throws RangeError when a name is repeated or reserved
 */
export function headerOf(
  tensors: Iterable<{ name: string; shape: readonly number[] }>,
  dtype: Dtype,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const header = new Map<string, unknown>([['__metadata__', { format: 'pt', ...metadata }]]);
  let size = 0;
  for (const { name, shape } of tensors) {
    if (header.has(name) || RESERVED_NAMES.includes(name))
      throw new RangeError(`Tensor name ${quote(name)} is repeated or reserved.`);
    const bytes = shape.reduce((a, b) => a * b, BYTES[dtype]);
    header.set(name, { dtype, shape, data_offsets: [size, size + bytes] });
    size += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const start = new Uint8Array(PREFIX_BYTES + headerBytes).fill(0x20, PREFIX_BYTES);
  new DataView(start.buffer).setBigUint64(0, BigInt(headerBytes), true);
  start.set(json, PREFIX_BYTES);
  return start;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** For messages: a short line, whatever the header holds. */
export function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : typeof value;
}
