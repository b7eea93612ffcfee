import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore, IDBTransaction } from 'fake-indexeddb';
import { deleteDB, openDB } from 'idb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { IndexedDbStore, openIndexedDbStore } from './index';
import { checkpoint, commit, rollout, run } from './testing';
import { usage } from './browser';
import { StoreError } from './types';

let store: IndexedDbStore;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  store = await openIndexedDbStore({ name: 'lab', chunkBytes: 64 });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await store.close();
});

describe('several runs', () => {
  beforeEach(async () => {
    // Ids that are prefixes of one another, and keys that sort around them.
    for (const [i, id] of ['a', 'ab', 'b', ''].entries()) {
      await store.createRun(run(id, { createdAt: i }));
      await store.commitStep(
        id,
        commit(1, { rollouts: [rollout(1, 'train', id)], checkpoint: checkpoint(1) }),
      );
      await store.commitStep(
        id,
        commit(2, { rollouts: [rollout(2, 'watch', id)], checkpoint: checkpoint(2) }),
      );
    }
  });

  it('are listed newest first', async () => {
    expect((await store.listRuns()).map((r) => r.id)).toEqual(['', 'b', 'ab', 'a']);
  });

  it('do not touch one another when one is cut back and one deleted', async () => {
    await store.truncateAfter('a', 1);
    await store.deleteRun('b');
    const responses = async (id: string) => (await store.rollouts(id)).map((r) => r.response);
    expect(await responses('a')).toEqual(['a']);
    expect(await responses('ab')).toEqual(['ab', 'ab']);
    expect(await responses('b')).toEqual([]);
    expect(await responses('')).toEqual(['', '']);
    expect((await store.latestCheckpoint('a'))?.step).toBe(1);
    expect((await store.latestCheckpoint('ab'))?.step).toBe(2);
    expect((await store.latestCheckpoint(''))?.step).toBe(2);
  });
});

describe('a full disk', () => {
  /** The browser's answer: the transaction is aborted with this error, at a request or at the commit. */
  const fullAt = (table: string) => {
    const put = Reflect.get(IDBObjectStore.prototype, 'put') as (
      ...args: unknown[]
    ) => IDBRequest<IDBValidKey>;
    return vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (
      this: IDBObjectStore,
      value: unknown,
      key,
    ) {
      const request = put.call(this, value, key);
      if (this.name === table)
        (this.transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
      return request;
    });
  };

  it.each(['chunks', 'metrics', 'runs'])(
    'met while writing %s leaves the last step and says what to do',
    async (table) => {
      vi.stubGlobal('navigator', {
        storage: { estimate: () => Promise.resolve({ usage: 218e6, quota: 220e6 }) },
      });
      await store.createRun(run());
      await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
      const full = fullAt(table);
      const attempt = store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      await expect(attempt).rejects.toThrow(
        new StoreError(
          'The browser has no room for step 2 (218 of 220 MB used). Nothing of it was stored. Everything up to step 1 is kept; ' +
            'the newest checkpoint is of step 1. Delete checkpoints (“Storage …” above the runs) or runs you no longer need, or free disk space; then continue.',
        ),
      );
      full.mockRestore();
      vi.unstubAllGlobals();
      expect(await store.metrics('run-1')).toEqual([{ step: 1, reward: 0.1 }]);
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(1));
      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
      expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
    },
  );
});

it('a browser that has no room and says that it has gets no figures quoted', async () => {
  const estimate = { usage: 4e6, quota: 10_741e6 };
  vi.stubGlobal('navigator', { storage: { estimate: () => Promise.resolve(estimate) } });
  expect(await usage()).toBe('');
  estimate.quota = 4.1e6;
  expect(await usage()).toBe(' (4 of 4 MB used)');
  vi.unstubAllGlobals();
});

describe('a transaction that is aborted at any request', () => {
  it('leaves no row behind', async () => {
    await store.createRun(run());
    await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
    const rows = async () => {
      const db = await openDB('lab');
      const all = await Promise.all(
        Array.from(db.objectStoreNames, async (name) => [
          name,
          await db.getAllKeys(name),
          await db.getAll(name),
        ]),
      );
      db.close();
      return all;
    };
    const before = await rows();
    const objectStore = Reflect.get<IDBTransaction, 'objectStore'>(IDBTransaction.prototype, 'objectStore');
    let aborted = 0;
    for (let request = 1; ; request++) {
      let seen = 0;
      const spy = vi.spyOn(IDBTransaction.prototype, 'objectStore').mockImplementation(function (
        this: IDBTransaction,
        name,
      ) {
        if (this.mode === 'readwrite' && ++seen === request) this.abort();
        return objectStore.call(this, name);
      });
      const outcome = await store
        .commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }))
        .catch((error: unknown) => error);
      spy.mockRestore();
      if (outcome === undefined) break;
      expect(outcome).toBeInstanceOf(StoreError);
      expect(await rows()).toEqual(before);
      aborted++;
    }
    expect(aborted).toBeGreaterThan(20);
    expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
  });
});

describe('the database', () => {
  it('of a newer lab is left alone', async () => {
    await store.close();
    await deleteDB('lab');
    (await openDB('lab', 2)).close();
    await expect(openIndexedDbStore({ name: 'lab' })).rejects.toThrow(
      /newer version of the lab. Nothing was changed. Reload the page/,
    );
  });

  it('is given up to a newer lab that opens in another tab', async () => {
    (await openDB('lab', 2)).close();
    await expect(store.listRuns()).rejects.toThrow(/newer version of the lab/);
  });

  it('is refused in plain words where the browser has none', async () => {
    vi.stubGlobal('indexedDB', undefined);
    await expect(openIndexedDbStore({ name: 'other' })).rejects.toThrow(
      /cannot be opened.*Allow this site to store data/,
    );
    vi.unstubAllGlobals();
  });

  it('is opened anew after a close', async () => {
    await store.createRun(run());
    await store.close();
    expect(await store.listRuns()).toHaveLength(1);
  });
});
