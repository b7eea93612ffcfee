/** The files of a model directory, wherever they lie: read by ranges, so that none needs to fit in memory. */
import { ModelFileError } from './errors';

/** Both methods reject with an Error that says why a file cannot be read; only its message is used. */
export interface FileSource {
  /** Bytes in the file; undefined when there is none of this name. */
  size(name: string): Promise<number | undefined>;
  /** The bytes from `begin` to before `end`, as far as the file goes. */
  read(name: string, begin: number, end: number): Promise<Uint8Array>;
}

const DIRECTORY =
  'A model directory holds config.json, model.safetensors (or its shards and their index), tokenizer.json and tokenizer_config.json.';

/** Far above any tokenizer or configuration; what is larger is not one. */
const MAX_TEXT_BYTES = 2 ** 28;

/** Files in memory, chosen or dropped by a person, or kept by the browser: a `File` is a `Blob`. */
export function blobSource(files: ReadonlyMap<string, Blob>): FileSource {
  return {
    size: (name) => Promise.resolve(files.get(name)?.size),
    read: async (name, begin, end) => {
      const blob = files.get(name);
      if (!blob) throw new Error(`there is no file ${name}`);
      return new Uint8Array(await blob.slice(begin, end).arrayBuffer());
    },
  };
}

/**
 * The size of a file that has to be there.
 * @throws ModelFileError when it is not, or cannot be looked at
 */
export async function sizeOf(source: FileSource, name: string, remedy = DIRECTORY): Promise<number> {
  const size = await source.size(name).catch((error: unknown) => unreadable(name, error));
  if (size === undefined) throw new ModelFileError(name, 'there is no such file', remedy);
  return size;
}

/**
 * The bytes from `begin` to before `end` of a file.
 * @throws ModelFileError when it cannot be read so far
 */
export async function readRange(
  source: FileSource,
  name: string,
  begin: number,
  end: number,
): Promise<Uint8Array> {
  if (begin === end) return new Uint8Array();
  const bytes = await source.read(name, begin, end).catch((error: unknown) => unreadable(name, error));
  if (bytes.byteLength !== end - begin)
    throw new ModelFileError(
      name,
      `bytes ${begin} to ${end} were asked for and ${bytes.byteLength} came: it has changed or is cut short`,
      'Download or export it again.',
    );
  return bytes;
}

/** The text of a file. @throws ModelFileError */
export async function readText(source: FileSource, name: string): Promise<string> {
  const size = await sizeOf(source, name);
  if (size > MAX_TEXT_BYTES)
    throw new ModelFileError(name, `it has ${size} bytes, too many for a file of text`, DIRECTORY);
  return new TextDecoder().decode(await readRange(source, name, 0, size));
}

/** A JSON file. @throws ModelFileError */
export async function readJson(source: FileSource, name: string): Promise<unknown> {
  const text = await readText(source, name);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ModelFileError(name, `it is not JSON (${String(error)})`, 'Download or export the file again.');
  }
}

function unreadable(name: string, error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  throw new ModelFileError(name, `it cannot be read (${why})`, DIRECTORY);
}
