import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore, IDBTransaction } from 'fake-indexeddb';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { importProblems } from '../tasks/import';
import { DatasetStore, MAX_NAME } from './datasets';
import { StoreError } from './types';

let store: DatasetStore;
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  store = new DatasetStore('data');
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await store.close();
});

const imported = (rows: number, level?: (i: number) => number) =>
  importProblems(
    Array.from({ length: rows }, (_, i) =>
      JSON.stringify({ question: `What is ${i} + 1?`, answer: i + 1, level: level?.(i) }),
    ).join('\n'),
  );
const add = (name: string, rows = 3) => store.add({ name, ...imported(rows) });
const names = async () => (await store.list()).map((d) => d.name);

describe('a data set', () => {
  it('comes back as it was imported, in its order, whatever its size', async () => {
    const report = imported(12_001, (i) => 1 + (i % 3));
    await store.add({ name: ' Large ', ...report });
    await store.close();
    expect(await store.problems('Large')).toEqual(report.problems);
    expect(await store.list()).toMatchObject([{ name: 'Large', counts: report.counts, levels: [1, 2, 3] }]);
  });

  it('is missing by another name', async () => {
    await add('a');
    expect(await store.problems('A')).toBeUndefined();
  });

  it('keeps its problems under a new name', async () => {
    const { id } = await add('a');
    await store.rename(id, 'b');
    expect(await store.problems('b')).toHaveLength(3);
    expect(await store.problems('a')).toBeUndefined();
    await store.rename(id, 'b');
  });

  it('is deleted with its problems, and others stay; deleting it again is no error', async () => {
    vi.spyOn(Date, 'now').mockReturnValueOnce(1).mockReturnValueOnce(2);
    const { id } = await add('a');
    await add('b', 2);
    expect(await names()).toEqual(['b', 'a']);
    await store.remove(id);
    await store.remove(id);
    expect(await names()).toEqual(['b']);
    expect(await store.problems('a')).toBeUndefined();
    expect(await store.problems('b')).toHaveLength(2);
    await expect(store.rename(id, 'c')).rejects.toThrow('no longer stored');
  });
});

describe('what is refused leaves everything as it was', () => {
  it.each([
    ['a name that is taken', () => add('a', 5), 'There already is a data set "a". Nothing was changed.'],
    ['a new name that is taken', async () => store.rename((await add('b')).id, 'a'), 'There already is'],
    ['no name', () => add('  '), '1 to 120 characters. Nothing was stored.'],
    ['a long name', () => add('x'.repeat(MAX_NAME + 1)), '1 to 120 characters'],
    ['nothing', () => store.add({ ...imported(1), name: 'c', problems: [] }), 'no usable question'],
  ])('%s', async (_, attempt, message) => {
    await add('a');
    await expect(attempt()).rejects.toThrow(StoreError);
    await expect(attempt().catch((e: Error) => Promise.reject(e))).rejects.toThrow(message);
    expect(await store.problems('a')).toHaveLength(3);
    expect(await store.problems('c')).toBeUndefined();
  });

  it.each(['datasets', 'problems'])('a full disk, met at %s', async (table) => {
    vi.stubGlobal('navigator', {
      storage: { estimate: () => Promise.resolve({ usage: 218e6, quota: 220e6 }) },
    });
    await add('a');
    for (const method of ['put', 'add'] as const) {
      const write = Reflect.get(IDBObjectStore.prototype, method) as (...args: unknown[]) => IDBRequest;
      vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(function (
        this: IDBObjectStore,
        value: unknown,
        key,
      ) {
        const request = write.call(this, value, key) as never;
        if (this.name === table)
          (this.transaction as unknown as { _abort(name: string): void })._abort('QuotaExceededError');
        return request;
      });
    }
    await expect(add('b')).rejects.toThrow(
      'The browser has no room for the data set "b" (218 of 220 MB used). Nothing was changed; runs and other data sets are as they were.',
    );
    vi.restoreAllMocks();
    expect(await names()).toEqual(['a']);
    expect(await store.problems('b')).toBeUndefined();
  });

  it('another failure is told', async () => {
    await add('a');
    vi.spyOn(IDBTransaction.prototype, 'objectStore').mockImplementation(() => {
      throw new Error('the disk is gone');
    });
    await expect(add('b')).rejects.toThrow('The browser could not store the change: the disk is gone.');
  });
});
