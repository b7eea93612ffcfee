import { mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { FolderStore } from './folder';
import { checkpoint, commit, folderBackend, run } from './testing';
import { StoreError, type RunStore } from './types';

const backend = folderBackend();
afterEach(async () => {
  vi.restoreAllMocks();
  await backend.dispose();
});

/** From its write number `refused` on, counted from 0, the disk takes nothing more; of that write it takes half. */
async function fillUpAt(refused: number): Promise<void> {
  const dir = await backend.dir();
  await mkdir(join(dir, '..'), { recursive: true });
  const file = await open(join(dir, '../any'), 'w');
  const prototype = Object.getPrototypeOf(file) as FileHandle;
  await file.close();
  let writes = 0;
  const noSpace = () =>
    Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));
  for (const method of ['write', 'writeFile', 'appendFile', 'sync'] as const) {
    const original = Reflect.get(prototype, method) as (...args: unknown[]) => Promise<unknown>;
    vi.spyOn(prototype, method).mockImplementation(async function (this: FileHandle, ...args: unknown[]) {
      const number = writes++;
      if (number < refused) return original.apply(this, args) as never;
      const [data, offset, length, position] = args;
      if (number === refused && method === 'write')
        await original.call(this, data, offset, Math.floor(Number(length) / 2), position);
      else if (number === refused && (typeof data === 'string' || data instanceof Uint8Array))
        await original.call(this, data.slice(0, data.length / 2));
      return noSpace();
    });
  }
}

const everything = async (store: RunStore) => [
  await store.listRuns(),
  await store.metrics('run-1'),
  await store.rollouts('run-1'),
  await store.checkpoints('run-1'),
  await store.latestCheckpoint('run-1'),
];

it('a disk that is full at any write of a step leaves the step before, and takes the step when there is room', async () => {
  let refused = 0;
  let afterCommit = 0;
  for (; ; refused++) {
    const store = await backend.open();
    await store.createRun(run());
    await store.commitStep('run-1', commit(1, { checkpoint: checkpoint(1) }));
    const before = await everything(store);

    await fillUpAt(refused);
    const failure: unknown = await store
      .commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }))
      .then(() => undefined)
      .catch((error: unknown) => error);
    vi.restoreAllMocks();
    if (failure === undefined) break;
    expect(failure).toBeInstanceOf(StoreError);
    const { message } = failure as Error;
    if (message.includes('can be read')) afterCommit++;
    else {
      expect(message, `write ${refused}`).toBe(
        `${await backend.dir()} could not take step 2: the disk is full. Nothing of it was stored. Everything up to step 1 is kept; the newest checkpoint is of step 1. Free space or mend the folder, then continue the run.`,
      );
      expect(await everything(await backend.open()), `write ${refused}`).toEqual(before);
      await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
    }
    expect(await store.metrics('run-1')).toHaveLength(2);
    expect(await store.rollouts('run-1')).toHaveLength(2);
    expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
    await store.deleteRun('run-1');
    expect(await backend.pieces(), 'no half-written file stays').toBe(0);
  }
  expect(refused).toBeGreaterThan(10);
  // When the head has been renamed and its folder cannot be synced.
  expect(afterCommit).toBe(process.platform === 'win32' ? 0 : 1);
});

it('a folder that is a file in the way is told of in the same words', async () => {
  const store = new FolderStore(await backend.dir());
  await store.createRun(run());
  await store.commitStep('run-1', commit(1));
  await writeFile(join(store.dir, 'checkpoints'), '');
  await expect(store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }))).rejects.toThrow(
    /could not take step 2: .*Nothing of it was stored\. Everything up to step 1 is kept; there is no checkpoint yet\./,
  );
  expect(await store.metrics('run-1')).toHaveLength(1);
  await rm(join(store.dir, 'checkpoints'));
  await store.commitStep('run-1', commit(2, { checkpoint: checkpoint(2) }));
  expect(await store.latestCheckpoint('run-1')).toEqual(checkpoint(2));
});
