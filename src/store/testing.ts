/** Sample data, and the two stores behind one face, for the tests of this folder. */
import { IDBFactory } from 'fake-indexeddb';
import { openDB } from 'idb';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../random';
import { FolderStore } from './folder';
import { IndexedDbStore } from './indexeddb';
import type { Checkpoint, RolloutRecord, RunRecord, RunStore, StepCommit } from './types';

/** Small, so that small arrays span several chunks. */
const chunkBytes = 64;

export const run = (id = 'run-1', changes: Partial<RunRecord> = {}): RunRecord => ({
  id,
  name: 'Aha',
  experiment: { version: 1, seed: 3 },
  status: 'running',
  step: 0,
  createdAt: 1000,
  updatedAt: 1000,
  adapter: 'google swiftshader',
  ...changes,
});

export const rollout = (
  step: number,
  kind: RolloutRecord['kind'] = 'train',
  response = `${kind} ${step}`,
): RolloutRecord => ({
  step,
  kind,
  problemId: '9,8,2->1',
  prompt: '9 8 2 -> 1',
  response,
  answer: '1',
  length: 24,
  finished: true,
  reward: 0.5,
  rewards: { outcome: 0.5 },
  advantage: -1.25,
  correct: false,
  verdict: '17 is not the target 1',
  equations: { right: 1, total: 2 },
});

export const checkpoint = (step: number, length = 100): Checkpoint => {
  const random = new Random(step);
  const array = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  return {
    step,
    arrays: { params: array(length), adam_m: array(length), adam_v: array(length + 1), empty: array(0) },
    counters: { optimizer_step: step, tokens: 2 ** 40 + step },
  };
};

/** A step with everything; its numbers follow from `step`. */
export const commit = (step: number, more: Partial<StepCommit> = {}): StepCommit => ({
  metrics: { step, reward: step / 10 },
  rollouts: [rollout(step)],
  ...more,
});

export interface Backend {
  /** A store on the same data as the one opened before: what a reload or a new process sees. */
  open(): Promise<RunStore>;
  /** Flips one bit of the checkpoint `age` generations before the newest. */
  damageCheckpoint(age: number): Promise<void>;
  /** How many pieces (rows; files of any depth) are stored in all. */
  pieces(): Promise<number>;
  dispose(): Promise<void>;
}

export function indexedDbBackend(): Backend {
  globalThis.indexedDB = new IDBFactory();
  let store: IndexedDbStore | undefined;
  const tables = async () => {
    const db = await openDB('lab');
    return { db, names: Array.from(db.objectStoreNames) };
  };
  return {
    async open() {
      await store?.close();
      return (store = new IndexedDbStore({ name: 'lab', chunkBytes }));
    },
    async damageCheckpoint(age) {
      const { db } = await tables();
      const generation = ((await db.getAllKeys('manifests')).at(-1 - age) as [string, number])[1];
      const key = (await db.getAllKeys('chunks')).filter((k) => (k as [string, number])[1] === generation)[1];
      const chunk = (await db.get('chunks', key)) as Uint8Array;
      chunk[5] ^= 1;
      await db.put('chunks', chunk, key);
      db.close();
    },
    async pieces() {
      const { db, names } = await tables();
      const counts = await Promise.all(names.map((name) => db.count(name)));
      db.close();
      return counts.reduce((a, b) => a + b, 0);
    },
    dispose: async () => store?.close(),
  };
}

export function folderBackend(): Backend & { dir(): Promise<string> } {
  let parent: Promise<string> | undefined;
  const dir = async () => join(await (parent ??= mkdtemp(join(tmpdir(), 'lab-store-'))), 'run');
  return {
    dir,
    open: async () => new FolderStore(await dir(), { chunkBytes }),
    async damageCheckpoint(age) {
      const checkpoints = join(await dir(), 'checkpoints');
      const names = (await readdir(checkpoints)).sort((a, b) => parseInt(b) - parseInt(a));
      const file = await open(join(checkpoints, names[age], 'arrays.bin'), 'r+');
      const byte = new Uint8Array(1);
      await file.read(byte, 0, 1, 69);
      await file.write(Uint8Array.of(byte[0] ^ 1), 0, 1, 69);
      await file.close();
    },
    async pieces() {
      const entries = await readdir(await dir(), { recursive: true, withFileTypes: true }).catch(() => []);
      return entries.length;
    },
    dispose: async () => rm(join(await dir(), '..'), { recursive: true, force: true }),
  };
}
