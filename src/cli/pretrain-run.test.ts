import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parameterLayout } from '../model/layout';
import { parseModelConfig } from '../model/config';
import { PRETRAIN_SETTINGS } from '../sft/pretrain';
import { FolderStore } from '../store/folder';
import config from '../../public/models/tiny-countdown/config.json';
import { PretrainRun } from './pretrain-run';
import { parsePretrainSettings } from './pretrain-settings';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lab-pretrain-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const model = parseModelConfig(config);
const { size } = parameterLayout(model);
const open = (settings = PRETRAIN_SETTINGS) => PretrainRun.open(new FolderStore(folder), settings, model);

/** Trains up to `step` as the command does, without a model. */
async function reach(run: PretrainRun, step: number) {
  run.record({ step, steps: 3600, loss: 1 / step, learningRate: 0.006, tokens: 1000 * step });
  const params = new Float32Array(size).fill(step);
  await run.commit({ step, params, m: params.map((x) => 2 * x), v: params.map((x) => 3 * x) });
}

test('goes on from its newest checkpoint, and adds up the time of both parts', async () => {
  const first = await open();
  expect(first.from).toBeUndefined();
  await first.begin('test');
  await reach(first, 50);
  await reach(first, 100);

  const second = await open();
  const { step, params, m, v } = second.from!;
  expect([step, params[0], m[0], v[size - 1]]).toEqual([100, 100, 200, 300]);
  await second.begin('test');
  await reach(second, 150);
  const { seconds, tokens } = await second.finish();
  const metrics = await new FolderStore(folder).metrics((await new FolderStore(folder).run()).id);
  expect(metrics.map((line) => line.step)).toEqual([50, 100, 150]);
  expect(seconds).toBeCloseTo(metrics.reduce((sum, line) => sum + line['time/steps'], 0));
  expect(tokens).toBe(150_000);
});

test('a run that was ended before its first checkpoint begins anew', async () => {
  await (await open()).begin('test');
  const again = await open();
  expect(again.from).toBeUndefined();
  await again.begin('test');
  await reach(again, 50);
});

test('refuses other settings, and a folder that holds another run', async () => {
  const run = await open();
  await run.begin('test');
  await reach(run, 50);
  await expect(open({ ...PRETRAIN_SETTINGS, seed: 1 })).rejects.toThrow('other settings');
  await expect(open(parsePretrainSettings({}, 'test'))).resolves.toBeDefined();
  const store = new FolderStore(folder);
  await store.updateRun((await store.run()).id, { experiment: { name: 'Aha' } });
  await expect(open()).rejects.toThrow('not a pre-training; it was left as it is');
});

test('a settings file holds only what differs from the recipe', () => {
  expect(parsePretrainSettings({}, 'test')).toEqual(PRETRAIN_SETTINGS);
  const weak = parsePretrainSettings({ steps: 1500, corpus: { maxTries: 3 } }, 'test');
  expect(weak).toEqual({
    ...PRETRAIN_SETTINGS,
    steps: 1500,
    corpus: { ...PRETRAIN_SETTINGS.corpus, maxTries: 3 },
  });
});
