import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openModelDirectory } from '../model/directory';
import { FolderStore } from '../store/folder';
import trainerState from '../share/logs/fixtures/trl-trainer-state.json';
import { folderSource } from './files';
import { runCli } from './program';

const folder = mkdtempSync(join(tmpdir(), 'lab-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('writes a study for TRL and reads its log back', async () => {
  const study = join(folder, 'aha-trl');
  expect(await runCli(['export', 'aha', '--to', 'trl', '--out', study])).toBe(0);
  for (const file of ['NOTES.md', 'train.py', 'rewards.py', 'lab_checker.py', 'data/train.jsonl'])
    expect(existsSync(join(study, file)), file).toBe(true);
  const { tokenizerConfig } = await openModelDirectory(folderSource(join(study, 'model')));
  expect(tokenizerConfig).toMatchObject({ chat_template: expect.not.stringContaining('bos') as string });
  expect(readFileSync(join(study, 'model/model.safetensors'))).toEqual(
    readFileSync('public/models/tiny-countdown/model.safetensors'),
  );

  await mkdir(join(study, 'output'));
  const log = join(study, 'output/trainer_state.json');
  await writeFile(log, JSON.stringify(trainerState));
  const run = join(folder, 'run');
  expect(await runCli(['import', log, '--out', run, '--model', join(study, 'model')])).toBe(0);
  const { tokenizerConfig: own, weights } = await openModelDirectory(folderSource(join(run, 'model')));
  expect(own, 'not the one that the study was given').not.toEqual(tokenizerConfig);
  expect([...weights.entries.keys()]).toContain('model.embed_tokens.weight');
  const store = new FolderStore(run);
  const { id, name, status } = await store.run();
  expect({ name, status }).toEqual({ name: 'Aha: outcome reward alone (TRL)', status: 'finished' });
  expect((await store.metrics(id)).map(({ step, reward }) => [step, reward])).toEqual([
    [1, 0.15625],
    [2, 0.2109375],
  ]);
}, 30_000);

it('takes in no other model, and then nothing at all', async () => {
  const log = join(folder, 'aha-trl/output/trainer_state.json');
  const out = join(folder, 'other');
  expect(await runCli(['import', log, '--out', out, '--model', 'e2e/golden/qwen3-tiny'])).toBe(1);
  expect(existsSync(out)).toBe(false);
});

it('has no trained weights of an experiment that was never run', async () =>
  expect(
    await runCli(['export', 'aha', '--to', 'verl', '--weights', 'newest', '--out', join(folder, 'x')]),
  ).toBe(1));
