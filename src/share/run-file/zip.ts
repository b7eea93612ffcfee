/**
 * The files of a zip that a stranger may have made. Names are only looked up, never written to a disk; what a file claims
 * about its size is a limit, never an allocation; checksums are held to what came out.
 */
import { BlobReader, configure, ZipReader, type FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js';
import { RunFileError } from './error';

configure({ useWebWorkers: false });

/** A run has a few dozen files. */
const MAX_ENTRIES = 2000;
/** What the files that are read may have in all: more does not fit in memory. */
export const MAX_BYTES = 2 ** 31;
/** Text and zeros shrink to a hundredth; what shrinks further, and is large, was made to fill the memory. */
const MAX_RATIO = 200;
const HARMLESS_BYTES = 2 ** 24;
const MAX_LINE = 2 ** 24;

export class ZipFiles {
  private claimed = 0;
  private readonly counted = new Set<string>();

  private constructor(private readonly entries: ReadonlyMap<string, FileEntry>) {}

  /** @throws RunFileError when the bytes are no zip, or one that may be read in two ways, or leads out of its folder */
  static async open(zip: Blob): Promise<ZipFiles> {
    const entries = new Map<string, FileEntry>();
    try {
      const reader = new ZipReader(new BlobReader(zip), { checkCrc32: true, checkOverlappingEntry: true });
      for await (const entry of reader.getEntriesGenerator()) {
        if (entries.size >= MAX_ENTRIES) throw new RunFileError(`it holds more than ${MAX_ENTRIES} files`);
        if (entry.directory) continue;
        if (entries.has(entry.filename)) throw new RunFileError(`it holds ${quote(entry.filename)} twice`);
        entries.set(entry.filename, entry);
      }
    } catch (error) {
      throw explained(error);
    }
    return new ZipFiles(entries);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** @throws RunFileError when there is no such file, or it is damaged or too large */
  async bytes(name: string): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.parts(name)) parts.push(part);
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  /** The lines of a text in UTF-8, without their ends. @throws RunFileError as `bytes`, and for no text */
  async *lines(name: string): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    for await (const part of this.parts(name)) {
      const lines = (rest + decode(decoder, name, part)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) throw new RunFileError(`${quote(name)} has a line without end`);
      yield* lines;
    }
    rest += decode(decoder, name);
    if (rest !== '') yield rest;
  }

  private async *parts(name: string): AsyncGenerator<Uint8Array, void, void> {
    const entry = this.entries.get(name);
    if (!entry) throw new RunFileError(`${quote(name)} is missing`);
    const { compressedSize, uncompressedSize: size } = entry;
    if (size > HARMLESS_BYTES && size > MAX_RATIO * compressedSize)
      throw new RunFileError(
        `${quote(name)} would unpack to ${Math.round(size / compressedSize)} times its size, ${megabytes(size)} MB`,
        'Ask whoever sent it for the file as the lab wrote it.',
      );
    if (!this.counted.has(name)) this.claimed += size;
    this.counted.add(name);
    if (this.claimed > MAX_BYTES)
      throw new RunFileError(`it unpacks to more than the ${megabytes(MAX_BYTES)} MB that fit in memory`);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const reader = readable.getReader();
    const unpacking = entry.getData(writable);
    const failed = new Promise<never>((_, reject) => void unpacking.catch(reject));
    failed.catch(() => undefined);
    try {
      for (let done = 0; ;) {
        const part = await Promise.race([reader.read(), failed]);
        if (part.done) break;
        done += part.value.length;
        if (done > size) throw new RunFileError(`${quote(name)} is larger than it says`);
        yield part.value;
      }
      await unpacking;
    } catch (error) {
      throw explained(error, name);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }
}

function decode(decoder: TextDecoder, name: string, part?: Uint8Array): string {
  try {
    return decoder.decode(part, { stream: part !== undefined });
  } catch {
    throw new RunFileError(`${quote(name)} is not text in UTF-8`);
  }
}

const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
const megabytes = (bytes: number): string => Math.round(bytes / 1e6).toLocaleString('en');

function explained(error: unknown, name?: string): RunFileError {
  if (error instanceof RunFileError) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new RunFileError(
    name === undefined ? `it is not a whole zip file (${why})` : `${quote(name)} is damaged (${why})`,
  );
}
