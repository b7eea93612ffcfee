/** The tables of the browser's database, and what a step puts into them inside a transaction. */
import type { DBSchema, IDBPTransaction, StoreNames } from 'idb';
import { retained, scoresOf, type Chunk, type Manifest } from './checkpoint';
import { ROLLOUT_KINDS } from './rules';
import type { MetricsRecord, RolloutRecord, RunRecord, StepCommit } from './types';

/** Keys start with the run's id, and those of checkpoints go on with the generation: 1, 2, 3 … */
export interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  metrics: { key: [id: string, step: number]; value: MetricsRecord };
  rollouts: { key: [id: string, kind: RolloutRecord['kind'], step: number]; value: RolloutRecord[] };
  manifests: { key: [id: string, generation: number]; value: Manifest };
  chunks: { key: [id: string, generation: number, index: number]; value: Chunk };
}
export type Table = StoreNames<Schema>;
export type WriteTransaction = IDBPTransaction<Schema, Table[], 'readwrite'>;
export const TABLES: Table[] = ['runs', 'metrics', 'rollouts', 'manifests', 'chunks'];

/** All keys that begin with `prefix`: an array sorts after every number and string. */
export const under = (...prefix: (string | number)[]) => IDBKeyRange.bound(prefix, [...prefix, []]);
/** Keys that begin with `prefix` and go on with a number above `step`. */
export const after = (step: number, ...prefix: (string | number)[]) =>
  IDBKeyRange.bound([...prefix, step, []], [...prefix, []]);

/** A checkpoint ready to be put. */
export interface Packed {
  manifest: Manifest;
  chunks: Chunk[];
}

/** @param run as it is to be stored, but for its step */
export async function putStep(
  tx: WriteTransaction,
  run: RunRecord,
  { metrics, rollouts = [] }: StepCommit,
  packed: Packed | undefined,
): Promise<void> {
  await putRollouts(tx, run.id, metrics.step, rollouts);
  await tx.objectStore('metrics').put(metrics, [run.id, metrics.step]);
  if (packed) await putCheckpoint(tx, run, packed);
  await tx.objectStore('runs').put({ ...run, step: metrics.step }, run.id);
}

async function putRollouts(
  tx: WriteTransaction,
  id: string,
  step: number,
  rollouts: readonly RolloutRecord[],
): Promise<void> {
  const table = tx.objectStore('rollouts');
  for (const kind of ROLLOUT_KINDS) {
    const added = rollouts.filter((r) => r.kind === kind);
    if (added.length === 0) continue;
    const before = await table.get([id, kind, step]);
    await table.put([...(before ?? []), ...added], [id, kind, step]);
  }
}

export async function putCheckpoint(
  tx: WriteTransaction,
  { id, keepEvery }: RunRecord,
  { manifest, chunks }: Packed,
): Promise<void> {
  const table = tx.objectStore('manifests');
  const generation = ((await table.getAllKeys(under(id))).at(-1)?.[1] ?? 0) + 1;
  for (const [index, chunk] of chunks.entries())
    await tx.objectStore('chunks').put(chunk, [id, generation, index]);
  await table.put(manifest, [id, generation]);
  const keys = await table.getAllKeys(under(id));
  const steps = (await table.getAll(under(id))).map(({ step }, i) => ({ step, key: keys[i] }));
  const stays = retained(steps, scoresOf(await tx.objectStore('metrics').getAll(under(id))), keepEvery);
  for (const { key } of steps.filter((entry) => !stays.includes(entry))) await deleteCheckpoint(tx, key);
}

export async function deleteCheckpoint(
  tx: WriteTransaction,
  [id, generation]: [string, number],
): Promise<void> {
  await tx.objectStore('manifests').delete([id, generation]);
  await tx.objectStore('chunks').delete(under(id, generation));
}
