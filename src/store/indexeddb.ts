/** Runs in IndexedDB; the same in the page and in a worker, and in several tabs at once. */
import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { nameOf, usage } from './browser';
import {
  CHUNK_BYTES,
  GENERATIONS,
  firstIntact,
  packCheckpoint,
  unpackCheckpoint,
  type Chunk,
  type Manifest,
} from './checkpoint';
import { Queue } from './queue';
import { ROLLOUT_KINDS, checkCommit, describe, kept, quote, requireRun } from './rules';
import { StoreError } from './types';
import type {
  LoadedCheckpoint,
  MetricsRecord,
  RolloutFilter,
  RolloutRecord,
  RunPatch,
  RunRecord,
  RunStore,
  StepCommit,
} from './types';

/** Keys start with the run's id, and those of checkpoints go on with the generation: 1, 2, 3 … */
interface Schema extends DBSchema {
  runs: { key: string; value: RunRecord };
  metrics: { key: [id: string, step: number]; value: MetricsRecord };
  rollouts: { key: [id: string, kind: RolloutRecord['kind'], step: number]; value: RolloutRecord[] };
  manifests: { key: [id: string, generation: number]; value: Manifest };
  chunks: { key: [id: string, generation: number, index: number]; value: Chunk };
}
type Table = StoreNames<Schema>;
type WriteTransaction = IDBPTransaction<Schema, Table[], 'readwrite'>;
/** Waits for the transaction's own requests only. */
type Body = (tx: WriteTransaction) => Promise<void>;

const VERSION = 1;
const TABLES: Table[] = ['runs', 'metrics', 'rollouts', 'manifests', 'chunks'];

/** All keys that begin with `prefix`: an array sorts after every number and string. */
const under = (...prefix: (string | number)[]) => IDBKeyRange.bound(prefix, [...prefix, []]);
/** Keys that begin with `prefix` and go on with a number above `step`. */
const after = (step: number, ...prefix: (string | number)[]) =>
  IDBKeyRange.bound([...prefix, step, []], [...prefix, []]);

export interface IndexedDbOptions {
  /** Name of the database. */
  name?: string;
  /** Size of a checkpoint's chunk, a multiple of 4. */
  chunkBytes?: number;
}

/**
 * The store of the browser, opened.
 * @throws StoreError when the browser refuses storage, or a newer version of the lab has changed the database.
 */
export async function openIndexedDbStore(options?: IndexedDbOptions): Promise<IndexedDbStore> {
  const store = new IndexedDbStore(options);
  await store.listRuns();
  return store;
}

/** Opens its database at the first call. */
export class IndexedDbStore implements RunStore {
  readonly #name: string;
  readonly #chunkBytes: number;
  readonly #writes = new Queue();
  #connection: Promise<IDBPDatabase<Schema>> | undefined;

  constructor({ name = 'reasoning-rl-lab', chunkBytes = CHUNK_BYTES }: IndexedDbOptions = {}) {
    this.#name = name;
    this.#chunkBytes = chunkBytes;
  }

  /** Closes the connection; the next call opens another. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.close();
  }

  async createRun(run: RunRecord): Promise<void> {
    await this.#write(['runs'], `run ${quote(run.name)}`, run.id, async (tx) => {
      const runs = tx.objectStore('runs');
      if (await runs.get(run.id))
        throw new StoreError(
          `There already is a run ${quote(run.id)}; it was left as it is. Choose another id.`,
        );
      await runs.put(run, run.id);
    });
  }

  async listRuns(): Promise<RunRecord[]> {
    const runs = await this.#read((db) => db.getAll('runs'));
    return runs.sort((a, b) => b.createdAt - a.createdAt);
  }

  getRun(id: string): Promise<RunRecord | undefined> {
    return this.#read((db) => db.get('runs', id));
  }

  async updateRun(id: string, patch: RunPatch): Promise<void> {
    await this.#write(['runs'], 'a change to the run', id, async (tx) => {
      const runs = tx.objectStore('runs');
      const run = requireRun(await runs.get(id), id);
      await runs.put({ ...run, updatedAt: Date.now(), ...patch }, id);
    });
  }

  async deleteRun(id: string): Promise<void> {
    await this.#write(TABLES, 'the deletion', id, async (tx) => {
      await tx.objectStore('runs').delete(id);
      for (const table of TABLES) if (table !== 'runs') await tx.objectStore(table).delete(under(id));
    });
  }

  commitStep(id: string, commit: StepCommit): Promise<void> {
    const { metrics, rollouts = [], checkpoint } = commit;
    const what = `step ${metrics.step}`;
    return this.#writes.run(async () => {
      // A transaction ends when it has to wait for anything else, so the hashes come first.
      const chunks: Chunk[] = [];
      const keep = (chunk: Chunk) => void chunks.push(chunk);
      const manifest = checkpoint && (await packCheckpoint(checkpoint, keep, this.#chunkBytes));
      await this.#transact(TABLES, what, id, async (tx) => {
        const run = requireRun(await tx.objectStore('runs').get(id), id);
        checkCommit(run, commit);
        if (manifest) await putCheckpoint(tx, id, manifest, chunks);
        await putRollouts(tx, id, metrics.step, rollouts);
        await tx.objectStore('metrics').put(metrics, [id, metrics.step]);
        await tx.objectStore('runs').put({ ...run, step: metrics.step, updatedAt: Date.now() }, id);
      });
    });
  }

  metrics(id: string): Promise<MetricsRecord[]> {
    return this.#read((db) => db.getAll('metrics', under(id)));
  }

  async rollouts(id: string, { step, kind }: RolloutFilter = {}): Promise<RolloutRecord[]> {
    const batches = await this.#read((db) => {
      const ofKind = (k: RolloutRecord['kind']) =>
        db.getAll('rollouts', step === undefined ? under(id, k) : IDBKeyRange.only([id, k, step]));
      return Promise.all((kind ? [kind] : ROLLOUT_KINDS).map(ofKind));
    });
    return batches.flat(2).sort((a, b) => a.step - b.step);
  }

  latestCheckpoint(id: string): Promise<LoadedCheckpoint | undefined> {
    return this.#read(async (db) => {
      const { store, done } = db.transaction('manifests');
      const [keys, manifests] = await Promise.all([
        store.getAllKeys(under(id)),
        store.getAll(under(id)),
        done,
      ]);
      const generations = manifests.map((manifest, i) => ({
        step: manifest.step,
        load: () => unpackCheckpoint(manifest, (index) => db.get('chunks', [id, keys[i][1], index])),
      }));
      return firstIntact(generations.reverse());
    });
  }

  async truncateAfter(id: string, step: number): Promise<void> {
    await this.#write(TABLES, `going back to step ${step}`, id, async (tx) => {
      const run = requireRun(await tx.objectStore('runs').get(id), id);
      await tx.objectStore('metrics').delete(after(step, id));
      for (const kind of ROLLOUT_KINDS) await tx.objectStore('rollouts').delete(after(step, id, kind));
      for (const key of await tx.objectStore('manifests').getAllKeys(under(id))) {
        const manifest = await tx.objectStore('manifests').get(key);
        if (manifest && manifest.step > step) await deleteCheckpoint(tx, key);
      }
      await tx.objectStore('runs').put({ ...run, step: Math.min(run.step, step), updatedAt: Date.now() }, id);
    });
  }

  #open(): Promise<IDBPDatabase<Schema>> {
    this.#connection ??= this.#connect().catch((error: unknown) => {
      this.#connection = undefined;
      throw error;
    });
    return this.#connection;
  }

  async #connect(): Promise<IDBPDatabase<Schema>> {
    try {
      return await openDB<Schema>(this.#name, VERSION, {
        upgrade: (db) => TABLES.forEach((table) => db.createObjectStore(table)),
        // A tab with a newer lab wants to change the database: make way, and reopen (or be refused) at the next call.
        blocking: () => void this.close(),
        terminated: () => (this.#connection = undefined),
      });
    } catch (error) {
      const [why, advice] =
        nameOf(error) === 'VersionError'
          ? ['they were stored by a newer version of the lab', 'Reload the page to get that version.']
          : [
              describe(error),
              'Allow this site to store data, leave private browsing, or free disk space; then reload.',
            ];
      throw new StoreError(`The stored runs cannot be opened: ${why}. Nothing was changed. ${advice}`, {
        cause: error,
      });
    }
  }

  async #read<T>(body: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    const db = await this.#open();
    try {
      return await body(db);
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(
        `The stored runs could not be read: ${describe(error)}. Nothing was changed. Reload the page and try again.`,
        {
          cause: error,
        },
      );
    }
  }

  #write(tables: Table[], what: string, id: string, body: Body): Promise<void> {
    return this.#writes.run(() => this.#transact(tables, what, id, body));
  }

  /** One transaction that is on disk when this resolves, and leaves nothing behind when it rejects. */
  async #transact(tables: Table[], what: string, id: string, body: Body): Promise<void> {
    const db = await this.#open();
    let tx: WriteTransaction;
    try {
      tx = db.transaction(tables, 'readwrite', { durability: 'strict' });
    } catch (error) {
      throw await this.#explain([error], what, id);
    }
    const aborted = tx.done.then(
      () => undefined,
      (error: unknown) => error,
    );
    let failure: unknown;
    try {
      await body(tx);
    } catch (error) {
      failure = error;
      try {
        tx.abort();
      } catch {
        // The failure has ended the transaction already.
      }
    }
    const errors = [failure, await aborted].filter((error) => error !== undefined);
    if (errors.length > 0) throw await this.#explain(errors, what, id);
  }

  async #explain(errors: unknown[], what: string, id: string): Promise<StoreError> {
    if (errors[0] instanceof StoreError) return errors[0];
    const quota = errors.find((error) => nameOf(error) === 'QuotaExceededError');
    const run = await this.getRun(id);
    const last = (await this.#read((db) => db.getAll('manifests', under(id)))).at(-1);
    const state = run
      ? `Nothing of it was stored. ${kept(run, last?.step)}`
      : 'Nothing of it was stored; other runs are as they were.';
    const message = quota
      ? `The browser has no room for ${what}${await usage()}. ${state} Delete runs you no longer need or free disk space, then continue.`
      : `The browser could not store ${what}: ${describe(errors[0])}. ${state} Try again; if it fails again, reload the page.`;
    return new StoreError(message, { cause: quota ?? errors[0] });
  }
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

async function putCheckpoint(
  tx: WriteTransaction,
  id: string,
  manifest: Manifest,
  chunks: Chunk[],
): Promise<void> {
  const keys = await tx.objectStore('manifests').getAllKeys(under(id));
  const generation = (keys.at(-1)?.[1] ?? 0) + 1;
  for (const [index, chunk] of chunks.entries())
    await tx.objectStore('chunks').put(chunk, [id, generation, index]);
  await tx.objectStore('manifests').put(manifest, [id, generation]);
  for (const key of keys.slice(0, 1 - GENERATIONS)) await deleteCheckpoint(tx, key);
}

async function deleteCheckpoint(tx: WriteTransaction, [id, generation]: [string, number]): Promise<void> {
  await tx.objectStore('manifests').delete([id, generation]);
  await tx.objectStore('chunks').delete(under(id, generation));
}
