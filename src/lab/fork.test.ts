import 'fake-indexeddb/auto';
import { beforeEach, expect, it } from 'vitest';
import { IndexedDbStore, type RunRecord } from '../store';
import { checkpoint, rollout, run } from '../store/testing';
import { forkRun } from './fork';
import { parseExperiment } from './schema';

const settings = parseExperiment({ name: 'parent', schedule: { max_steps: 8 } });
let store: IndexedDbStore;
let parent: RunRecord;
let database = 0;

beforeEach(async () => {
  store = new IndexedDbStore({ name: `fork ${database++}` });
  await store.createRun(run('p', { name: 'parent', experiment: settings, keepEvery: 2 }));
  for (const step of [0, 1, 2, 3, 4, 5])
    await store.commitStep('p', {
      metrics: { step, reward: step },
      rollouts: [rollout(step)],
      checkpoint: checkpoint(step),
    });
  parent = (await store.getRun('p'))!;
});

it('begins with the step and the checkpoint of its parent, and outlives it', async () => {
  const changed = parseExperiment({ ...settings, rollout: { temperature: 0.5 } });
  const { run: fork, from } = await forkRun(store, parent, 2, changed);
  await store.deleteRun('p');
  expect(from).toEqual(checkpoint(2));
  expect(await store.getRun(fork.id)).toMatchObject({
    name: 'parent, fork of step 2',
    status: 'queued',
    step: 2,
    parent: { run: 'p', step: 2 },
    experiment: { rollout: { temperature: 0.5 } },
  });
  expect(await store.metrics(fork.id)).toEqual([{ step: 2, reward: 2 }]);
  expect((await store.getRun(fork.id))?.reference).toEqual(
    [0, 1, 2, 3, 4, 5].map((step) => ({ step, reward: step })),
  );
  expect(await store.rollouts(fork.id)).toEqual([rollout(2)]);
  expect(await store.latestCheckpoint(fork.id)).toEqual(checkpoint(2));
});

it('leaves its parent as it is', async () => {
  const before = [await store.metrics('p'), await store.checkpoints('p'), await store.getRun('p')];
  const { run: fork } = await forkRun(store, parent, 4, settings);
  await store.commitStep(fork.id, { metrics: { step: 5, reward: -1 }, checkpoint: checkpoint(5) });
  expect([await store.metrics('p'), await store.checkpoints('p'), await store.getRun('p')]).toEqual(before);
});

it.each([
  ['another model', { model: { path: 'other' } }, /model: A fork keeps what “parent” has here/],
  ['another cold start', { sft: { steps: 3 } }, /sft: A fork keeps/],
  ['a difficulty filter', { data: { pass_rate_samples: 4 } }, /data: A fork keeps/],
  ['no step left', { schedule: { max_steps: 2 } }, /begins at step 2, and the settings end at step 2/],
])('is refused with %s', async (_, changes, message) => {
  await expect(forkRun(store, parent, 2, parseExperiment({ ...settings, ...changes }))).rejects.toThrow(
    message,
  );
  expect(await store.listRuns()).toHaveLength(1);
});

it('is refused at a step whose checkpoint is not kept, and told which are', async () => {
  await expect(forkRun(store, parent, 3, settings)).rejects.toThrow(
    /no checkpoint of step 3.*kept checkpoints are of the steps 0, 2, 4, 5\./,
  );
});
