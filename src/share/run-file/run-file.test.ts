import 'fake-indexeddb/auto';
import { afterEach, describe, expect, it } from 'vitest';
import { parseExperiment } from '../../lab/schema';
import { loraOf } from '../../lab/schema/training';
import { parseModelConfig } from '../../model/config';
import { adapterLayout } from '../../model/lora';
import { readJson } from '../../model/source';
import { Random } from '../../random';
import { folderBackend, indexedDbBackend, type Backend } from '../../store/testing';
import { StoreError, type RunStore } from '../../store/types';
import { contentsOf, readRunFile, storeRun, writeRunFile, type RunContents } from './index';
import { baseModel, randomFullRun, randomRun, whole } from './testing';
import { openZip } from './zip';

const base = baseModel();
const zipOf = (contents: RunContents): Promise<Blob> => writeRunFile(contents, base).response.blob();

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
      expect(await whole(back), where).toEqual(await whole(contents));
      expect(
        Buffer.from(await (await zipOf(back)).arrayBuffer()).equals(Buffer.from(await first.arrayBuffer())),
      ).toBe(true);
      await backend.dispose();
    }
  }, 60_000);

  it('a run whose checkpoint is damaged leaves without it, and says so', async () => {
    backend = open();
    const contents = randomFullRun(new Random(12));
    await storeRun(await backend.open(), contents);
    await backend.damageCheckpoint(0);
    const { response, notes } = writeRunFile(await contentsOf(await backend.open(), contents.run.id), base);
    const { checkpoints, ...rest } = await readRunFile(await response.blob());
    expect(notes.join(' ')).toContain('do not match their hash');
    expect(checkpoints.map(({ step }) => step)).toEqual(
      contents.checkpoints.slice(0, -1).map(({ step }) => step),
    );
    expect({ ...rest, checkpoints: contents.checkpoints }).toEqual(contents);
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

it('without the base model the checkpoints come back equal too, and it is said what is missing', async () => {
  const contents = randomFullRun(new Random(5));
  const { response, notes } = writeRunFile(contents);
  expect(await whole(await readRunFile(await response.blob()))).toEqual(await whole(contents));
  expect(notes.join(' ')).toContain('not as a model for other programs');
});

it('weights that a model file may not hold come back bit for bit', async () => {
  const contents = randomFullRun(new Random(6));
  const checkpoint = await contents.checkpoints[0].load();
  checkpoint.arrays.params[7] = NaN;
  const { response, notes } = writeRunFile(contents, base);
  expect(await whole(await readRunFile(await response.blob()))).toEqual(await whole(contents));
  expect(notes.join(' ')).toContain('NaN');
});

it('an adapter lies there as PEFT has it', async () => {
  const contents = randomFullRun(new Random(8));
  const training = { peft: 'lora', lora_r: 4, lora_alpha: 8 } as const;
  const experiment = parseExperiment({ training });
  const lora = loraOf(experiment.training)!;
  const config = parseModelConfig(await readJson(base, 'config.json'));
  const [{ step, load }] = contents.checkpoints;
  const { params, ...others } = (await load()).arrays;
  const adapter = new Float32Array(adapterLayout(config, lora).size).fill(params[0]);
  const checkpoint = { ...(await load()), arrays: { adapter, ...others } };
  const checkpoints = [{ step, load: () => Promise.resolve(checkpoint) }];
  const peft = { ...contents, run: { ...contents.run, experiment }, checkpoints };
  const { response, notes } = writeRunFile(peft, base);
  const zip = await response.blob();
  expect(notes).toEqual([]);
  expect(await whole(await readRunFile(zip))).toEqual(await whole(peft));
  const names = (await openZip(zip)).names.map((name) => name.split('/').at(-1));
  expect(names).toEqual(expect.arrayContaining(['adapter_config.json', 'adapter_model.safetensors']));
});

it('holds what other programs read', async () => {
  const full = randomFullRun(new Random(7));
  const contents = { ...full, checkpoints: full.checkpoints.slice(-1) };
  const files = await openZip(await zipOf(contents));
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
