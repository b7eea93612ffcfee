import { BlobWriter, configure, TextReader, ZipWriter } from '@zip.js/zip.js';
import { downloadZip } from 'client-zip';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../random';
import { runHead } from './head';
import { readRunFile, RunFileError, writeRunFile, type RunContents } from './index';
import { baseModel, randomFullRun, whole } from './testing';

let good: Uint8Array;
let contents: RunContents;

beforeAll(async () => {
  contents = randomFullRun(new Random(21), 20);
  good = new Uint8Array(await writeRunFile(contents, baseModel()).response.arrayBuffer());
});

configure({ useWebWorkers: false });

/** The texts of a small sound run, some of them replaced; undefined takes one away. */
async function zipWith(
  changes: Record<string, string | undefined>,
  compressed: 'stored' | 'deflated' = 'stored',
): Promise<Blob> {
  const sound = {
    'run.json': JSON.stringify(runHead({ ...contents.run, step: 1 })),
    'experiment.json': JSON.stringify(contents.run.experiment),
    'metrics.jsonl': '{"step":0}\n{"step":1}\n',
    'rollouts.jsonl': '',
  };
  const files = Object.entries<string | undefined>({ ...sound, ...changes }).flatMap(([name, input]) =>
    input === undefined ? [] : [{ name, input }],
  );
  if (compressed === 'stored') return downloadZip(files).blob();
  const writer = new ZipWriter(new BlobWriter());
  for (const { name, input } of files) await writer.add(name, new TextReader(input));
  return writer.close();
}

const refused = async (zip: Blob): Promise<string> => {
  const error: unknown = await readRunFile(zip).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(RunFileError);
  const { message } = error as RunFileError;
  expect(message).toMatch(/^This run file cannot be imported: .*\. Nothing was changed\. \S/);
  return message;
};

it('reads a sound one, compressed too', async () => {
  expect((await readRunFile(await zipWith({}, 'deflated'))).metrics).toEqual([{ step: 0 }, { step: 1 }]);
});

it('says what is wrong with a zip of something else', async () => {
  expect(await refused(new Blob([]))).toContain('not a whole zip file');
  expect(await refused(new Blob(['PK but no more']))).toContain('not a whole zip file');
  expect(await refused(await zipWith({ 'run.json': undefined }))).toContain('no run.json');
  expect(await refused(await zipWith({ 'other/run.json': '{}' }))).toContain('2 runs');
  expect(await refused(await zipWith({ 'run.json': '[]' }))).toContain('run.json');
  expect(await refused(await zipWith({ 'run.json': '{"version": 2}' }))).toContain('version 2');
  expect(await refused(await zipWith({ 'experiment.json': '{"seed": "x"}' }))).toContain('experiment.json');
  expect(await refused(await zipWith({ 'metrics.jsonl': undefined }))).toContain('metrics.jsonl" is missing');
});

it('says which line contradicts the run', async () => {
  const metrics = (text: string) => zipWith({ 'metrics.jsonl': text });
  expect(await refused(await metrics('{"step":0}\n{"step":1,"reward":"much"}\n'))).toContain('line 2');
  expect(await refused(await metrics('{"step":0}\n'))).toContain('end at step 0');
  expect(await refused(await metrics('{"step":1}\n{"step":0}\n{"step":1}\n'))).toContain('not in order');
  expect(await refused(await metrics('{"step":0.5}\n{"step":1}\n'))).toContain('not in order');
  expect(await refused(await zipWith({ 'rollouts.jsonl': '{"step":1}\n' }))).toContain('line 1');
  const stray = JSON.stringify({ ...contents.rollouts[0], reward: 0, rewards: {}, advantage: 0, step: 9 });
  expect(await refused(await zipWith({ 'rollouts.jsonl': stray }))).toContain('responses of step 9');
});

it('refuses names that lead out of the folder', async () => {
  for (const name of ['../run.json', 'a/../../run.json', '/etc/run.json', 'C:/run.json', '..\\run.json'])
    expect(await refused(await zipWith({ 'run.json': undefined, [name]: '{}' })), name).toContain('zip');
});

it('refuses a bomb before it is unpacked', async () => {
  const bomb = await zipWith({ 'metrics.jsonl': ' '.repeat(2 ** 24 + 1) }, 'deflated');
  expect(bomb.size).toBeLessThan(2 ** 17);
  expect(await refused(bomb)).toMatch(/would unpack to \d+ times its size/);
});

it('refuses sizes that are not true', async () => {
  const line = '{"step":0}\n{"step":1}\n';
  const zip = new Uint8Array(
    await (await zipWith({ 'metrics.jsonl': line + ' '.repeat(5000) }, 'deflated')).arrayBuffer(),
  );
  const true_ = line.length + 5000;
  for (const claimed of [1, line.length, true_ - 1, true_ + 1, 2 ** 31, 2 ** 32 - 2]) {
    const lying = zip.slice();
    const view = new DataView(lying.buffer);
    for (let at = 0; at + 4 <= lying.length; at++)
      if (view.getUint32(at, true) === true_) view.setUint32(at, claimed, true);
    await refused(new Blob([lying]));
  }
});

it('refuses more files than a run has', async () => {
  const many = Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`f${i}`, '']));
  expect(await refused(await zipWith(many))).toContain('more than 2000 files');
});

it('refuses a checkpoint that is not what it says', async () => {
  const at = 'checkpoints/step-1';
  const state = (document: object) => zipWith({ [`${at}/training_state.json`]: JSON.stringify(document) });
  expect(await refused(await state({}))).toContain('training_state.json');
  expect(await refused(await state({ step: 1, counters: [], arrays: ['params'] }))).toContain('safetensors');
  const huge = {
    [`${at}/training_state.json`]: JSON.stringify({ step: 1, counters: [], arrays: ['params'] }),
    [`${at}/training_state.safetensors`]: '\x02\0\0\0\0\0\0\0{}',
    [`${at}/model.safetensors`]: '\x02\0\0\0\0\0\0\0{}',
    [`${at}/config.json`]: JSON.stringify({
      architectures: ['Qwen2ForCausalLM'],
      vocab_size: 2 ** 22,
      hidden_size: 2 ** 16,
      num_hidden_layers: 1024,
      num_attention_heads: 1024,
      intermediate_size: 2 ** 20,
    }),
  };
  expect(await refused(await zipWith(huge))).toContain('missing');
});

it('refuses every cut file', async () => {
  const seed = 23;
  const random = new Random(seed);
  for (let i = 0; i < 60; i++) await refused(new Blob([good.slice(0, random.int(good.length))]));
}, 60_000);

it('reads the same from a damaged file, or refuses it', async () => {
  const seed = 24;
  const random = new Random(seed);
  for (let i = 0; i < 60; i++) {
    const damaged = good.slice();
    for (let n = 0; n <= random.int(3); n++) damaged[random.int(good.length)] ^= 1 << random.int(8);
    const zip = new Blob([damaged]);
    const result: unknown = await readRunFile(zip).then(whole, (error: unknown) => error);
    if (result instanceof Error) expect(result, `seed ${seed}, file ${i}`).toBeInstanceOf(RunFileError);
    else expect(result, `seed ${seed}, file ${i}`).toEqual(await whole(contents));
  }
}, 60_000);
