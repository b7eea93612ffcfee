import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { commit, folderBackend, indexedDbBackend, run } from './testing';
import type { RunRecord } from './types';

const FULL: Required<RunRecord> = {
  ...run(),
  status: 'stopped',
  step: 1,
  comparisons: [{ id: 'c1', name: 'kl', arm: 'no KL' }],
  reference: [
    { step: 0, reward: NaN },
    { step: 3, reward: -Infinity, kl: 1e-300 },
  ],
  parent: { run: 'run-0', step: 1 },
  keepEvery: 20,
  error: 'device lost',
};
const OPTIONAL = ['comparisons', 'reference', 'parent', 'keepEvery', 'error'] as const;
const OTHER = { reference: [{ step: 5, reward: 5 }], updatedAt: 2000 };

/** Every choice of the optional fields, as a record without them. */
const choices = Array.from({ length: 2 ** OPTIONAL.length }, (_, chosen) =>
  Object.fromEntries(OPTIONAL.filter((_, i) => (chosen >> i) & 1).map((name) => [name, undefined])),
);

it.each([
  ['IndexedDB', indexedDbBackend],
  ['a folder', folderBackend],
])('in %s every field of a record survives a reopen, whichever of them are there', async (_, open) => {
  const backend = open();
  for (const missing of choices) {
    const where = `without ${Object.keys(missing).join(', ') || 'nothing'}`;
    const record: RunRecord = { ...FULL, ...missing };
    await (await backend.open()).createRun({ ...record, step: 0 }, commit(1));
    const store = await backend.open();
    expect(await store.getRun(record.id), where).toEqual(record);

    await store.updateRun(record.id, OTHER);
    expect(await store.listRuns(), where).toEqual([{ ...record, ...OTHER }]);
    await store.updateRun(record.id, missing);
    expect((await store.getRun(record.id))?.reference, where).toEqual(
      'reference' in missing ? undefined : OTHER.reference,
    );
    await store.deleteRun(record.id);
    expect(await backend.pieces(), where).toBe(0);
  }
  await backend.dispose();
});
