/**
 * A checkpoint as bytes: each array is cut into chunks, each chunk has its SHA-256 in the manifest, and the manifest
 * carries its own. What is read back is what was written, or it is refused.
 */
import { z } from 'zod';
import { describe } from './rules';
import {
  StoreError,
  type Checkpoint,
  type CheckpointInfo,
  type MetricsRecord,
  type StoredCheckpoint,
} from './types';

/** 4–16 MB a value is where IndexedDB is fastest; one large value fails in places. */
export const CHUNK_BYTES = 8 * 2 ** 20;

/** How many of a run's newest checkpoints are kept in any case: the last, and one to fall back to. */
const GENERATIONS = 2;

/** The metric by which a checkpoint is the best. */
const SCORE = 'eval/greedy/accuracy';

export type Chunk = Uint8Array<ArrayBuffer>;

const manifestSchema = z.object({
  step: z.int().min(0),
  /** Pairs, not a record: any name is then only data. */
  counters: z.array(z.tuple([z.string(), z.number()])),
  /** In the order of the chunks. `length` counts float32 values (little-endian). */
  arrays: z.array(
    z.object({
      name: z.string(),
      length: z.int().min(0),
      chunks: z.array(z.object({ bytes: z.int().min(1), sha256: z.string() })),
    }),
  ),
  /** Of the JSON of the fields above. */
  sha256: z.string(),
});
export type Manifest = z.output<typeof manifestSchema>;

/**
 * Cuts a checkpoint into hashed chunks and hands them to `write` one after another.
 * Every chunk has a buffer of its own, because a structured clone of a view copies all of the buffer below it.
 */
export async function packCheckpoint(
  { step, arrays, counters }: Checkpoint,
  write: (chunk: Chunk) => void | Promise<void>,
  chunkBytes = CHUNK_BYTES,
): Promise<Manifest> {
  const entries: Manifest['arrays'] = [];
  for (const [name, array] of Object.entries(arrays)) {
    const chunks = [];
    for (let start = 0; start < array.length; start += chunkBytes / 4) {
      const chunk = new Uint8Array(array.slice(start, start + chunkBytes / 4).buffer);
      chunks.push({ bytes: chunk.length, sha256: await sha256(chunk) });
      await write(chunk);
    }
    entries.push({ name, length: array.length, chunks });
  }
  const manifest = { step, counters: Object.entries(counters), arrays: entries };
  return { ...manifest, sha256: await manifestHash(manifest) };
}

/** Where a chunk lies; `index` and `start`, in bytes, are counted over all arrays. */
export interface ChunkPlace {
  index: number;
  start: number;
  bytes: number;
}

/** The bytes of a chunk, as many as it has; undefined where they are missing. */
export type ReadChunk = (place: ChunkPlace) => Promise<Chunk | undefined>;

/**
 * The inverse of `packCheckpoint`.
 * @throws Error naming the first thing that is missing or does not match its hash.
 */
export async function unpackCheckpoint(stored: unknown, read: ReadChunk): Promise<Checkpoint> {
  const opened = await openPacked(stored, read);
  const { step, counters, lengths } = opened;
  const arrays: [string, Float32Array][] = [];
  for (const [name, length] of Object.entries(lengths))
    arrays.push([name, await opened.read(name, 0, length)]);
  return { step, arrays: Object.fromEntries(arrays), counters };
}

/**
 * A packed checkpoint, to be read in parts.
 * @param verified arrays, where it has them, of which all chunks are held to their hashes before this returns
 * @throws Error as `unpackCheckpoint`; reading a part of it later throws StoreError
 */
export async function openVerified(
  stored: unknown,
  read: ReadChunk,
  verified: readonly string[],
): Promise<StoredCheckpoint> {
  const opened = await openPacked(stored, read);
  for (const name of verified) if (name in opened.lengths) await opened.verify(name);
  const { step, counters, lengths } = opened;
  return {
    ...{ step, counters, lengths },
    read: (name, begin, end) =>
      opened.read(name, begin, end).catch((error: unknown) => {
        throw new StoreError(
          `The checkpoint of step ${step} can no longer be read: ${describe(error)}. If the run goes on, a newer one has taken its place: try again.`,
          { cause: error },
        );
      }),
  };
}

/** One chunk at a time is in memory, the one that was read last. */
async function openPacked(stored: unknown, read: ReadChunk) {
  const parsed = manifestSchema.safeParse(stored);
  if (!parsed.success || parsed.data.sha256 !== (await manifestHash(parsed.data)))
    throw new Error('its manifest is damaged');
  const { step, counters, arrays } = parsed.data;
  const places = new Map<string, (ChunkPlace & { offset: number; sha256: string })[]>();
  let index = 0;
  let start = 0;
  for (const { name, length, chunks } of arrays) {
    let offset = 0;
    const placed = chunks.map((chunk) => {
      const place = { ...chunk, index: index++, start, offset };
      start += chunk.bytes;
      offset += chunk.bytes;
      return place;
    });
    if (offset !== length * 4) throw new Error(`"${name}" is not complete`);
    places.set(name, placed);
  }

  let last: { index: number; chunk: Chunk } | undefined;
  const load = async (name: string, place: ChunkPlace & { offset: number; sha256: string }) => {
    if (last?.index === place.index) return last.chunk;
    last = undefined;
    const chunk = await read(place);
    const where = `bytes ${place.offset} to ${place.offset + place.bytes} of "${name}"`;
    if (!chunk) throw new Error(`${where} are missing`);
    if (chunk.length !== place.bytes || (await sha256(chunk)) !== place.sha256)
      throw new Error(`${where} do not match their hash`);
    last = { index: place.index, chunk };
    return chunk;
  };
  const placesOf = (name: string) => {
    const found = places.get(name);
    if (!found) throw new Error(`it has no "${name}"`);
    return found;
  };
  return {
    step,
    counters: Object.fromEntries(counters),
    lengths: Object.fromEntries(arrays.map(({ name, length }) => [name, length])),
    async verify(name: string) {
      for (const place of placesOf(name)) await load(name, place);
    },
    async read(name: string, begin: number, end: number): Promise<Float32Array> {
      const values = new Float32Array(end - begin);
      const target = new Uint8Array(values.buffer);
      for (const place of placesOf(name)) {
        const from = Math.max(place.offset, begin * 4);
        const to = Math.min(place.offset + place.bytes, end * 4);
        if (from >= to) continue;
        const chunk = await load(name, place);
        target.set(chunk.subarray(from - place.offset, to - place.offset), from - begin * 4);
      }
      return values;
    },
  };
}

export const manifestBytes = ({ arrays }: Manifest): number =>
  arrays.reduce((sum, { length }) => sum + length * 4, 0);

/** The score of each step at which one was measured. */
export const scoresOf = (metrics: readonly MetricsRecord[]): ReadonlyMap<number, number> =>
  new Map(metrics.filter((line) => line[SCORE] !== undefined).map((line) => [line.step, line[SCORE]]));

/**
 * Which checkpoints stay: the last two, the best one, and, of each step that `keepEvery` divides, the newest.
 * @param generations oldest first
 * @param keepEvery 0 for none
 */
export function retained<T extends { step: number }>(
  generations: readonly T[],
  scores: ReadonlyMap<number, number>,
  keepEvery = 0,
): T[] {
  const last = generations.slice(-GENERATIONS);
  const newest = new Map(generations.map((generation) => [generation.step, generation]));
  const scored = [...newest.values()].filter(({ step }) => scores.has(step));
  const best = Math.max(...scored.map(({ step }) => scores.get(step) ?? -Infinity));
  const stays = new Set<T | undefined>([...last, scored.findLast(({ step }) => scores.get(step) === best)]);
  if (keepEvery > 0)
    for (const [step, generation] of newest) if (step % keepEvery === 0) stays.add(generation);
  return generations.filter((generation) => stays.has(generation));
}

/** What is told of checkpoints, each step once. */
export function checkpointInfos(
  generations: readonly { step: number; bytes: number }[],
  scores: ReadonlyMap<number, number>,
): CheckpointInfo[] {
  const newest = new Map(generations.map(({ step, bytes }) => [step, bytes]));
  return [...newest]
    .map(([step, bytes]) => ({ step, bytes, ...(scores.has(step) && { score: scores.get(step) }) }))
    .sort((a, b) => a.step - b.step);
}

/**
 * The first checkpoint that loads, with a warning when it is not the first tried; undefined when there are none.
 * @throws StoreError when there are checkpoints and none loads.
 */
export async function firstIntact<T extends object>(
  newestFirst: readonly { step: number; load: () => Promise<T> }[],
): Promise<(T & { warning?: string }) | undefined> {
  const failures: string[] = [];
  for (const { step, load } of newestFirst) {
    try {
      const checkpoint = await load();
      if (failures.length === 0) return checkpoint;
      return {
        ...checkpoint,
        warning: `${failures.join(' ')} The checkpoint of step ${step} before it is intact and is used instead.`,
      };
    } catch (error) {
      failures.push(`The checkpoint of step ${step} cannot be used: ${describe(error)}.`);
    }
  }
  if (failures.length === 0) return undefined;
  throw new StoreError(
    `${failures.join(' ')} The run cannot continue from here; its metrics and rollouts are kept. Start the experiment again as a new run.`,
  );
}

function manifestHash({ step, counters, arrays }: Omit<Manifest, 'sha256'>): Promise<string> {
  const fields = arrays.map(({ name, length, chunks }) => [
    name,
    length,
    chunks.map((c) => [c.bytes, c.sha256]),
  ]);
  return sha256(new TextEncoder().encode(JSON.stringify([step, counters, fields])));
}

async function sha256(bytes: Chunk): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
