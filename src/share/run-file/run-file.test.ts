import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { folderBackend, indexedDbBackend, type Backend } from '../../store/testing';
import { StoreError, type RunStore } from '../../store/types';
import { contentsOf, readRunFile, storeRun, writeRunFile, type RunContents } from './index';
import { baseModel, randomRun } from './testing';
import { ZipFiles } from './zip';

const base = baseModel();
const zipOf = async (contents: RunContents, model = base): Promise<Blob> =>
  (await writeRunFile(contents, model)).response.blob();

describe.each([
  ['IndexedDB', indexedDbBackend],
  ['a folder', folderBackend],
])('in %s', (_, open) => {
  let backend: Backend;
  afterEach(() => backend.dispose());

  it('an exported run is imported equal, and exported again byte for byte', async () => {
    const seed = 11;
    const random = new Random(seed);
    for (let i = 0; i < 8; i++) {
      backend = open();
      const where = `seed ${seed}, run ${i}`;
      const contents = randomRun(random);
      const first = await zipOf(contents);
      const store = await backend.open();
      const stored = await storeRun(store, await readRunFile(first));
      const back = await contentsOf(store, stored.id);
      expect(back, where).toEqual(contents);
      expect(
        Buffer.from(await (await zipOf(back)).arrayBuffer()).equals(Buffer.from(await first.arrayBuffer())),
      ).toBe(true);
      await backend.dispose();
    }
  }, 60_000);

  it('a run whose checkpoint is damaged leaves without it, and says so', async () => {
    backend = open();
    const random = new Random(12);
    let contents = randomRun(random);
    while (!contents.checkpoint) contents = randomRun(random);
    await storeRun(await backend.open(), contents);
    await backend.damageCheckpoint(0);
    const { checkpoint, warning, ...rest } = await contentsOf(await backend.open(), contents.run.id);
    expect(checkpoint).toBeUndefined();
    expect(warning).toContain('do not match their hash');
    expect({ ...rest, checkpoint: contents.checkpoint }).toEqual(contents);
  });

  it('keeps nothing of a run that could not be stored whole', async () => {
    backend = open();
    const store = await backend.open();
    const contents = { ...randomRun(new Random(2)), metrics: [{ step: 0 }, { step: 1 }], rollouts: [] };
    const commit = store.commitStep.bind(store);
    const full: RunStore = Object.assign(store, {
      commitStep: (id: string, step: Parameters<typeof commit>[1]) =>
        step.metrics.step === 1 ? Promise.reject(new StoreError('no room')) : commit(id, step),
    });
    await expect(storeRun(full, contents)).rejects.toThrow('no room');
    expect(await store.listRuns()).toEqual([]);
  });
});

it('a run that is there already is imported beside it', async () => {
  const store = await indexedDbBackend().open();
  const contents = { ...randomRun(new Random(3)), rollouts: [] };
  const first = await storeRun(store, contents);
  const second = await storeRun(store, contents);
  expect(first.id).toBe(contents.run.id);
  expect(second.id).not.toBe(first.id);
  expect(await store.metrics(second.id)).toEqual(await store.metrics(first.id));
});

it('holds curves of somebody else’s that lie behind', async () => {
  const contents = randomRun(new Random(4));
  const run = {
    ...contents.run,
    reference: [
      { step: 0, reward: NaN },
      { step: 1, reward: 1 },
    ],
  };
  expect((await readRunFile(await zipOf({ ...contents, run }))).run).toEqual(run);
});

it('without the base model the checkpoint comes back equal too, and the note says what is missing', async () => {
  const random = new Random(5);
  let contents = randomRun(random);
  while (!contents.checkpoint) contents = randomRun(random);
  const { response, note } = await writeRunFile(contents);
  expect(note).toContain('not as a model for other programs');
  expect((await readRunFile(await response.blob())).checkpoint).toEqual(contents.checkpoint);
});

it('weights that a model file may not hold come back bit for bit', async () => {
  const random = new Random(6);
  let contents = randomRun(random);
  while (!contents.checkpoint) contents = randomRun(random);
  contents.checkpoint.arrays.params[7] = NaN;
  const { response, note } = await writeRunFile(contents, base);
  expect(note).toContain('NaN');
  expect((await readRunFile(await response.blob())).checkpoint).toEqual(contents.checkpoint);
});

it('holds what other programs read', async () => {
  const random = new Random(7);
  let contents = randomRun(random);
  while (!contents.checkpoint || contents.rollouts.length === 0) contents = randomRun(random);
  const files = await ZipFiles.open(await zipOf(contents));
  const folder = files.names[0].split('/')[0];
  const checkpoint = `${folder}/checkpoints/step-${contents.run.step}`;
  expect(files.names).toEqual([
    ...[
      'run.json',
      'experiment.json',
      'metrics.jsonl',
      'metrics.csv',
      'rollouts.jsonl',
      'rollouts.parquet',
    ].map((name) => `${folder}/${name}`),
    ...[
      'config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'generation_config.json',
      'model.safetensors',
    ].map((name) => `${checkpoint}/${name}`),
    `${checkpoint}/training_state.json`,
    `${checkpoint}/training_state.safetensors`,
    `${folder}/README.md`,
  ]);
  const csv = new TextDecoder()
    .decode(await files.bytes(`${folder}/metrics.csv`))
    .trimEnd()
    .split('\n');
  expect(csv[0].split(',').slice(0, 2)).toEqual(['step', 'reward']);
  expect(csv).toHaveLength(contents.metrics.length + 1);
});
