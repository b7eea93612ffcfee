/** Runs in IndexedDB; the same in the page and in a worker, and in several tabs at once. */
import { openDB, type IDBPDatabase } from 'idb';
import { nameOf, usage } from './browser';
import {
  CHUNK_BYTES,
  checkpointInfos,
  firstIntact,
  manifestBytes,
  openVerified,
  packCheckpoint,
  scoresOf,
  unpackCheckpoint,
  type Chunk,
  type Manifest,
  type ReadChunk,
} from './checkpoint';
import {
  TABLES,
  after,
  deleteCheckpoint,
  putCheckpoint,
  putStep,
  under,
  type Packed,
  type Schema,
  type Table,
  type WriteTransaction,
} from './indexeddb-tables';
import { Queue } from './queue';
import { ROLLOUT_KINDS, checkCommit, checkKept, describe, kept, quote, requireRun } from './rules';
import { StoreError } from './types';
import type {
  Checkpoint,
  CheckpointInfo,
  LoadedCheckpoint,
  MetricsRecord,
  RolloutFilter,
  RolloutRecord,
  RunPatch,
  RunRecord,
  RunStore,
  RunUsage,
  StepCommit,
  StoredCheckpoint,
} from './types';

/** Waits for the transaction's own requests only. */
type Body = (tx: WriteTransaction) => Promise<void>;

const VERSION = 1;

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

  createRun(run: RunRecord, first?: StepCommit): Promise<void> {
    return this.#writes.run(async () => {
      const packed = await this.#pack(first?.checkpoint);
      await this.#transact(TABLES, `run ${quote(run.name)}`, run.id, async (tx) => {
        if (await tx.objectStore('runs').get(run.id))
          throw new StoreError(
            `There already is a run ${quote(run.id)}; it was left as it is. Choose another id.`,
          );
        if (first) await putStep(tx, run, first, packed);
        else await tx.objectStore('runs').put(run, run.id);
      });
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
    return this.#writes.run(async () => {
      const packed = await this.#pack(commit.checkpoint);
      await this.#transact(TABLES, `step ${commit.metrics.step}`, id, async (tx) => {
        const run = requireRun(await tx.objectStore('runs').get(id), id);
        checkCommit(run, commit);
        await putStep(tx, { ...run, updatedAt: Date.now() }, commit, packed);
      });
    });
  }

  keepCheckpoint(id: string, checkpoint: Checkpoint): Promise<void> {
    return this.#writes.run(async () => {
      const packed = await this.#pack(checkpoint);
      await this.#transact(TABLES, `the checkpoint of step ${checkpoint.step}`, id, async (tx) => {
        const run = requireRun(await tx.objectStore('runs').get(id), id);
        checkKept(run, checkpoint);
        if (packed) await putCheckpoint(tx, run, packed);
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
    return this.#newest(id, unpackCheckpoint);
  }

  openCheckpoint(id: string, arrays: readonly string[]): Promise<StoredCheckpoint | undefined> {
    return this.#newest(id, (manifest, read) => openVerified(manifest, read, arrays));
  }

  #newest<T extends object>(
    id: string,
    load: (manifest: Manifest, read: ReadChunk) => Promise<T>,
  ): Promise<(T & { warning?: string }) | undefined> {
    return this.#read(async (db) => {
      const { store, done } = db.transaction('manifests');
      const [keys, manifests] = await Promise.all([
        store.getAllKeys(under(id)),
        store.getAll(under(id)),
        done,
      ]);
      const generations = manifests.map((manifest, i) => {
        const read: ReadChunk = async ({ index }) =>
          (await this.#open()).get('chunks', [id, keys[i][1], index]);
        return { step: manifest.step, load: () => load(manifest, read) };
      });
      return firstIntact(generations.reverse());
    });
  }

  async checkpoints(id: string): Promise<CheckpointInfo[]> {
    const [manifests, metrics] = await this.#read((db) =>
      Promise.all([db.getAll('manifests', under(id)), db.getAll('metrics', under(id))]),
    );
    const generations = manifests.map((manifest) => ({
      step: manifest.step,
      bytes: manifestBytes(manifest),
    }));
    return checkpointInfos(generations, scoresOf(metrics));
  }

  checkpointAt(id: string, step: number): Promise<Checkpoint | undefined> {
    return this.#read(async (db) => {
      const { store, done } = db.transaction('manifests');
      const [keys, manifests] = await Promise.all([
        store.getAllKeys(under(id)),
        store.getAll(under(id)),
        done,
      ]);
      const place = manifests.findLastIndex((manifest) => manifest.step === step);
      if (place < 0) return undefined;
      const load = () =>
        unpackCheckpoint(manifests[place], ({ index }) => db.get('chunks', [id, keys[place][1], index]));
      return firstIntact([{ step, load }]);
    });
  }

  pruneCheckpoints(id: string, keep: readonly number[]): Promise<void> {
    return this.#write(TABLES, 'the removal of checkpoints', id, async (tx) => {
      requireRun(await tx.objectStore('runs').get(id), id);
      const keys = await tx.objectStore('manifests').getAllKeys(under(id));
      for (const key of keys.slice(0, -1)) {
        const manifest = await tx.objectStore('manifests').get(key);
        if (manifest && !keep.includes(manifest.step)) await deleteCheckpoint(tx, key);
      }
    });
  }

  async usage(id: string): Promise<RunUsage> {
    const [metrics, rollouts, manifests] = await this.#read((db) =>
      Promise.all([
        db.getAll('metrics', under(id)),
        db.getAll('rollouts', under(id)),
        db.getAll('manifests', under(id)),
      ]),
    );
    return {
      metrics: JSON.stringify(metrics).length,
      rollouts: JSON.stringify(rollouts).length,
      checkpoints: manifests.reduce((sum, manifest) => sum + manifestBytes(manifest), 0),
    };
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

  /** A transaction ends when it has to wait for anything else, so the hashes come first. */
  async #pack(checkpoint: Checkpoint | undefined): Promise<Packed | undefined> {
    if (!checkpoint) return undefined;
    const chunks: Chunk[] = [];
    const manifest = await packCheckpoint(checkpoint, (chunk) => void chunks.push(chunk), this.#chunkBytes);
    return { manifest, chunks };
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
      ? `The browser has no room for ${what}${await usage()}. ${state} Delete checkpoints (“Storage …” above the runs) or runs you no longer need, or free disk space; then continue.`
      : `The browser could not store ${what}: ${describe(errors[0])}. ${state} Try again; if it fails again, reload the page.`;
    return new StoreError(message, { cause: quota ?? errors[0] });
  }
}
