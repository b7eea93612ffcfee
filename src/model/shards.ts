/** The weights of a model directory: one safetensors file, or several with `model.safetensors.index.json`. */
import { z } from 'zod';
import { ModelFileError } from './errors';
import {
  headerLength,
  parseHeader,
  PREFIX_BYTES,
  quote,
  repeatedKey,
  type HeaderEntry,
} from './safetensors-header';
import { readRange, readText, sizeOf, type FileSource } from './source';
import { entryOf, type WeightEntry, type WeightSource } from './weights';

export const WEIGHTS_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

const EXPORT_AGAIN = 'Download all files of the model again, or export it again.';

/** Of the files in one folder and nowhere else. */
const SHARD_NAME = /^[\w-][\w.-]{0,200}\.safetensors$/;
const MAX_SHARDS = 1000;

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

type Shard = [file: string, entries: HeaderEntry[]];

/**
 * Reads and checks every header; the data is read when asked for.
 * @throws ModelFileError naming the file at fault
 */
export async function openWeights(source: FileSource): Promise<WeightSource> {
  const shards = await openShards(source);
  const places = new Map<string, HeaderEntry>();
  const entries = new Map<string, WeightEntry>();
  for (const [file, tensors] of shards) {
    for (const tensor of tensors) {
      const { name, dtype, shape, begin, end } = tensor;
      const other = entries.get(name);
      if (other)
        throw new ModelFileError(file, `tensor ${quote(name)} is in ${other.file} as well`, EXPORT_AGAIN);
      places.set(name, tensor);
      entries.set(name, { name, dtype, shape, file, bytes: end - begin });
    }
  }
  return {
    entries,
    async read(name, from = 0, to) {
      const { file, bytes } = entryOf({ entries }, name);
      const { begin } = places.get(name)!;
      return readRange(source, file, begin + from, begin + Math.min(bytes, to ?? bytes));
    },
  };
}

async function openShards(source: FileSource): Promise<Shard[]> {
  const indexed =
    (await source.size(WEIGHTS_FILE).catch(() => undefined)) === undefined &&
    (await source.size(INDEX_FILE).catch(() => undefined)) !== undefined;
  if (!indexed) return [[WEIGHTS_FILE, await readHeader(source, WEIGHTS_FILE)]];

  const index = parseIndex(await readText(source, INDEX_FILE));
  const files = [...new Set(Object.values(index))].sort();
  const bad = files.find((file) => !SHARD_NAME.test(file));
  if (bad !== undefined || files.length > MAX_SHARDS)
    throw new ModelFileError(
      INDEX_FILE,
      bad === undefined ? `it names ${files.length} files` : `it names the file ${quote(bad)}`,
      'Its weight_map names safetensors files beside it, at most 1000.',
    );
  const shards: Shard[] = [];
  for (const file of files)
    shards.push([file, await readHeader(source, file, `${INDEX_FILE} names it: add it to the other files.`)]);
  checkIndex(index, shards);
  return shards;
}

/** The tensors of a file. @throws ModelFileError */
async function readHeader(source: FileSource, file: string, remedy?: string): Promise<HeaderEntry[]> {
  const size = await sizeOf(source, file, remedy);
  const prefix = await readRange(source, file, 0, Math.min(size, PREFIX_BYTES));
  const end = PREFIX_BYTES + headerLength(prefix, size, file);
  return parseHeader(await readRange(source, file, PREFIX_BYTES, end), size, file);
}

/** File by tensor. @throws ModelFileError */
function parseIndex(text: string): Readonly<Record<string, string>> {
  const fail = (problem: string): never => {
    throw new ModelFileError(INDEX_FILE, problem, EXPORT_AGAIN);
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    fail(`it is not JSON (${String(error)})`);
  }
  const repeated = repeatedKey(text);
  if (repeated !== undefined) fail(`it has the key ${quote(repeated)} twice`);
  const { success, data } = indexSchema.safeParse(json);
  return success ? data.weight_map : fail('it has no weight_map of file names by tensor');
}

/** @throws ModelFileError when the index and the files do not hold the same tensors in the same places */
function checkIndex(index: Readonly<Record<string, string>>, shards: readonly Shard[]): void {
  const held = new Map(shards.map(([file, entries]) => [file, new Set(entries.map(({ name }) => name))]));
  for (const [name, file] of Object.entries(index))
    if (!held.get(file)!.has(name))
      throw new ModelFileError(
        file,
        `tensor ${quote(name)} is not in it, where ${INDEX_FILE} places it`,
        EXPORT_AGAIN,
      );
  for (const [file, names] of held)
    for (const name of names)
      if (!Object.hasOwn(index, name))
        throw new ModelFileError(
          file,
          `it holds tensor ${quote(name)}, which ${INDEX_FILE} does not name`,
          EXPORT_AGAIN,
        );
}
