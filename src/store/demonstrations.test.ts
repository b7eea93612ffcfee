import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { DemonstrationStore } from './demonstrations';
import { StoreError } from './types';

it('keeps files as they are, by names that are unique, in parts that do not show', async () => {
  const store = new DemonstrationStore('demonstrations test');
  const long = `{"x": "${'長さ🧮'.repeat(2 ** 20)}"}\n`;
  const { id } = await store.add({ name: ' long.jsonl ', count: 3, withCalls: 1, text: long });
  await store.add({ name: 'empty', count: 0, withCalls: 0, text: '' });
  expect((await store.text('long.jsonl')) === long).toBe(true);
  expect([await store.text('empty'), await store.text('other')]).toEqual(['', undefined]);
  const taken = store.add({ name: 'empty', count: 1, withCalls: 0, text: 'x' });
  await expect(taken).rejects.toThrow(StoreError);
  await expect(taken).rejects.toThrow('There already is a file of demonstrations "empty"');
  await store.rename(id, 'short');
  expect((await store.list()).map(({ name, count }) => [name, count]).sort()).toEqual([
    ['empty', 0],
    ['short', 3],
  ]);
  await store.remove(id);
  expect(await store.text('short')).toBeUndefined();
  await store.close();
});
