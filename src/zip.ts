/**
 * The files of a zip that a stranger may have made. Names are only looked up, never written to a disk; what a file claims
 * about its size is a limit, never an allocation; checksums are held to what came out.
 */
import { BlobReader, configure, ZipReader, type FileEntry } from '@zip.js/zip.js/lib/zip-core-native.js';

configure({ useWebWorkers: false });

/** Text and zeros shrink to a hundredth; what shrinks further, and is large, was made to fill the memory. */
const MAX_RATIO = 200;
const HARMLESS_BYTES = 2 ** 24;
const MAX_LINE = 2 ** 24;
/** The kind of a file in the mode that Unix gives it, and that of a symbolic link. */
const [KIND, LINK] = [0o170000, 0o120000];

/** What may be in a zip, and what is thrown where it is not so. */
export interface ZipRules {
  /** Files in it. */
  maxEntries: number;
  /** Bytes that the files that are read may have in all. */
  maxBytes: number;
  Refusal: new (problem: string) => Error;
}

export class ZipFiles {
  private claimed = 0;
  private readonly counted = new Set<string>();

  private constructor(
    private readonly entries: ReadonlyMap<string, FileEntry>,
    private readonly rules: ZipRules,
  ) {}

  /** @throws `Refusal` when the bytes are no zip, or one that may be read in two ways */
  static async open(zip: Blob, rules: ZipRules): Promise<ZipFiles> {
    const { maxEntries, Refusal } = rules;
    const entries = new Map<string, FileEntry>();
    try {
      const reader = new ZipReader(new BlobReader(zip), { checkCrc32: true, checkOverlappingEntry: true });
      for await (const entry of reader.getEntriesGenerator()) {
        if (entries.size >= maxEntries) throw new Refusal(`it holds more than ${maxEntries} files`);
        if (entry.directory) continue;
        if (entries.has(entry.filename)) throw new Refusal(`it holds ${quote(entry.filename)} twice`);
        entries.set(entry.filename, entry);
      }
    } catch (error) {
      throw explained(error, Refusal);
    }
    return new ZipFiles(entries, rules);
  }

  get names(): string[] {
    return [...this.entries.keys()];
  }

  has(name: string): boolean {
    return this.entries.has(name);
  }

  /** Bytes that a file says it has. */
  size(name: string): number {
    return this.entries.get(name)?.uncompressedSize ?? 0;
  }

  /** Whether it is a symbolic link: its content is a path. */
  isLink(name: string): boolean {
    return (((this.entries.get(name)?.externalFileAttributes ?? 0) >>> 16) & KIND) === LINK;
  }

  /** @throws `Refusal` when there is no such file, or it is damaged or too large */
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

  /** The lines of a text in UTF-8, without their ends. @throws `Refusal` as `bytes`, and for no text */
  async *lines(name: string): AsyncGenerator<string, void, void> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let rest = '';
    for await (const part of this.parts(name)) {
      const lines = (rest + this.decode(decoder, name, part)).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) throw new this.rules.Refusal(`${quote(name)} has a line without end`);
      yield* lines;
    }
    rest += this.decode(decoder, name);
    if (rest !== '') yield rest;
  }

  private async *parts(name: string): AsyncGenerator<Uint8Array, void, void> {
    const { maxBytes, Refusal } = this.rules;
    const entry = this.entries.get(name);
    if (!entry) throw new Refusal(`${quote(name)} is missing`);
    const { compressedSize, uncompressedSize: size } = entry;
    if (size > HARMLESS_BYTES && size > MAX_RATIO * compressedSize)
      throw new Refusal(
        `${quote(name)} would unpack to ${Math.round(size / compressedSize)} times its size, ${megabytes(size)} MB`,
      );
    if (!this.counted.has(name)) this.claimed += size;
    this.counted.add(name);
    if (this.claimed > maxBytes)
      throw new Refusal(`it unpacks to more than the ${megabytes(maxBytes)} MB that fit in memory`);
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
        if (done > size) throw new Refusal(`${quote(name)} is larger than it says`);
        yield part.value;
      }
      await unpacking;
    } catch (error) {
      throw explained(error, Refusal, name);
    } finally {
      await reader.cancel().catch(() => undefined);
    }
  }

  private decode(decoder: TextDecoder, name: string, part?: Uint8Array): string {
    try {
      return decoder.decode(part, { stream: part !== undefined });
    } catch {
      throw new this.rules.Refusal(`${quote(name)} is not text in UTF-8`);
    }
  }
}

const quote = (name: string): string => JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
const megabytes = (bytes: number): string => Math.round(bytes / 1e6).toLocaleString('en');

function explained(error: unknown, Refusal: ZipRules['Refusal'], name?: string): Error {
  if (error instanceof Refusal) return error;
  const why = error instanceof Error ? error.message : String(error);
  return new Refusal(
    name === undefined ? `it is not a whole zip file (${why})` : `${quote(name)} is damaged (${why})`,
  );
}
