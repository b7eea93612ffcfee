/** Downloads from a server that speaks the Hub's protocol, with everything that goes wrong on the way. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ModelFileError, UnsupportedModelError } from '../../model/errors';
import { StoreError } from '../../store/types';
import { installModel, type DownloadProgress } from './install';
import { findModel, HubError, neededFiles, type HubAccess } from './repository';
import { REVISION, startFakeHub, temporaryFolder, type FakeHub } from './testing';

const FILES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const WEIGHTS = 'model.safetensors';
const tiny: Record<string, Uint8Array> = Object.fromEntries(
  FILES.map((name) => [
    name,
    readFileSync(new URL(`../../../public/models/tiny-countdown/${name}`, import.meta.url)),
  ]),
);
const size = FILES.reduce((sum, name) => sum + tiny[name].length, 0);

let hub: FakeHub;
let folder: ReturnType<typeof temporaryFolder>;
let progress: DownloadProgress[];

const serve = async (files: Record<string, Uint8Array>) => {
  hub?.close();
  hub = await startFakeHub(files);
};
beforeEach(async () => {
  await serve({ ...tiny, 'README.md': new Uint8Array(10), 'pytorch_model.bin': new Uint8Array(10) });
  folder = temporaryFolder();
  progress = [];
});
afterEach(() => {
  hub.close();
  rmSync(folder.path, { recursive: true });
});

const find = (id = 'test/tiny', access: HubAccess = {}) =>
  findModel(id, 'main', { hubUrl: hub.url, ...access });
const install = async (id = 'test/tiny', access: HubAccess = {}, retryDelays: number[] = [0, 0]) =>
  installModel(
    await find(id, access),
    folder,
    folder.complete,
    { hubUrl: hub.url, ...access },
    (p) => progress.push(p),
    retryDelays,
  );
const here = (name: string) => readFileSync(join(folder.path, name));
/** Byte for byte; `toEqual` takes seconds for so many. */
const isHere = (name: string) => here(name).equals(tiny[name]);

describe('a model is downloaded', () => {
  test('with the files it needs and no others, at one commit', async () => {
    const model = await find();
    expect(model.revision).toBe(REVISION);
    expect(model.files.map(({ name }) => name).sort()).toEqual(FILES);
    await install();
    for (const name of FILES) expect(isHere(name)).toBe(true);
    expect(folder.complete).toEqual(new Set(FILES));
  });

  test('telling how far each file is, and all of them', async () => {
    await install();
    expect(progress.at(-1)).toEqual({
      file: WEIGHTS,
      fileBytes: tiny[WEIGHTS].length,
      fileSize: tiny[WEIGHTS].length,
      bytes: size,
      size,
    });
    for (let i = 1; i < progress.length; i++)
      expect(progress[i].bytes).toBeGreaterThanOrEqual(progress[i - 1].bytes);
  });

  test('and what is here already is not fetched again', async () => {
    await install();
    hub.begins[WEIGHTS] = [];
    await install();
    expect(hub.begins[WEIGHTS]).toEqual([]);
  });
});

describe('a connection that ends', () => {
  test('is opened again where it ended', async () => {
    hub.cutAfter(WEIGHTS, 1000, 5000);
    await install();
    expect(hub.begins[WEIGHTS]).toHaveLength(3);
    expect(hub.begins[WEIGHTS]).toEqual([...hub.begins[WEIGHTS]].sort((a, b) => a - b));
    expect(isHere(WEIGHTS)).toBe(true);
  });

  test('for good leaves what came, and the next download goes on from there', async () => {
    hub.cutAfter(WEIGHTS, 4000, 0, 0);
    await expect(install()).rejects.toThrow(
      new RegExp(`ended at \\d+ of ${tiny[WEIGHTS].length} bytes of ${WEIGHTS}.*What came is kept`),
    );
    const kept = here(WEIGHTS).length;
    expect(folder.complete.has('tokenizer.json')).toBe(true);
    hub.begins[WEIGHTS] = [];
    await install();
    expect(hub.begins[WEIGHTS]).toEqual([kept]);
    expect(isHere(WEIGHTS)).toBe(true);
  });

  test('by hand throws the reason, and keeps what came', async () => {
    const control = new AbortController();
    const stopped = installModel(
      await find(),
      folder,
      folder.complete,
      { hubUrl: hub.url, signal: control.signal },
      ({ file }) => file === WEIGHTS && control.abort(new Error('stopped')),
    );
    await expect(stopped).rejects.toThrow('stopped');
    expect(folder.complete.has('config.json')).toBe(true);
    await install();
  });
});

describe('bytes that are not those the Hub announced', () => {
  test.each([WEIGHTS, 'tokenizer_config.json'])('are thrown away: %s', async (name) => {
    hub.replace(
      name,
      tiny[name].map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
    );
    await expect(install()).rejects.toThrow(`${name} was downloaded, but it is not the file`);
    expect(here(name)).toHaveLength(0);
    expect(folder.complete.has(name)).toBe(false);
    expect(folder.complete.has('config.json')).toBe(true);
  });

  test('on the disk from before are noticed too', async () => {
    writeFileSync(join(folder.path, WEIGHTS), new Uint8Array(100));
    await expect(install()).rejects.toThrow('its hash differs');
    await install();
  });

  test('more of them than announced are not written', async () => {
    hub.replace('config.json', new Uint8Array(100_000));
    await expect(install()).rejects.toThrow(`longer than the ${tiny['config.json'].length} bytes`);
    expect(here('config.json')).toHaveLength(0);
  });
});

describe('the Hub says no', () => {
  const refused = async (opening: Promise<unknown>, message: RegExp) => {
    await expect(opening).rejects.toThrow(HubError);
    await expect(opening).rejects.toThrow(message);
  };

  test('to a gated model without a token, with another, and yes with the right one', async () => {
    await refused(find('test/gated'), /gated.*accept its terms at .*\/test\/gated and enter an access token/);
    await refused(find('test/gated', { accessToken: 'hf_bad' }), /does not accept this access token/);
    await install('test/gated', { accessToken: 'hf_good' });
    await refused(find('test/gated', { accessToken: 'secret' }), /begins with “hf_”/);
  });

  test('to a model that is not there, and to a name that is none', async () => {
    await refused(find('test/none'), /There is no model test\/none/);
    for (const id of ['', 'tiny', '../../etc/passwd', 'a/b/c', 'a b/c', 'a/b?x=1'])
      await refused(find(id), /is not the name of a model/);
  });

  test('and nobody answers', async () => {
    hub.close();
    await refused(find('test/tiny', { hubUrl: 'http://localhost:1' }), /cannot be reached/);
  });
});

describe('a model that the lab cannot use', () => {
  test('is refused before its weights are fetched', async () => {
    const config = JSON.stringify({ architectures: ['LlamaForCausalLM'] });
    await serve({ ...tiny, 'config.json': new TextEncoder().encode(config) });
    await expect(install()).rejects.toThrow(UnsupportedModelError);
    expect(hub.begins[WEIGHTS]).toBeUndefined();
  });

  test('because its files do not fit together', async () => {
    await serve({ ...tiny, [WEIGHTS]: tiny[WEIGHTS].slice(0, -4) });
    await expect(install()).rejects.toThrow(ModelFileError);
  });

  test('because it has only pickled weights, or no tokenizer', async () => {
    const { [WEIGHTS]: weights, ...texts } = tiny;
    await serve({ ...texts, 'pytorch_model.bin': weights });
    await expect(find()).rejects.toThrow(/no safetensors weights, only pickled ones/);
    await serve(Object.fromEntries(Object.entries(tiny).filter(([name]) => name !== 'tokenizer.json')));
    await expect(find()).rejects.toThrow(/holds no tokenizer\.json/);
  });
});

describe('a disk that is full', () => {
  test.each(['throws', 'writes a part'])(
    'and %s: what came is kept, and goes on when there is room',
    async (how) => {
      let room = 10_000;
      const narrow: typeof folder = {
        ...folder,
        async open(name) {
          const file = await folder.open(name);
          return {
            ...file,
            write(buffer, { at }) {
              if (at + buffer.length <= room) return file.write(buffer, { at });
              if (how === 'throws') throw new DOMException('', 'QuotaExceededError');
              return file.write(buffer.subarray(0, Math.max(0, room - at)), { at });
            },
          };
        },
      };
      const model = await find();
      const start = () =>
        installModel(model, narrow, folder.complete, { hubUrl: hub.url }, () => undefined, [0]);
      await expect(start()).rejects.toThrow(StoreError);
      await expect(start()).rejects.toThrow(/There is no room for the rest of .*bytes are kept\. Delete/);
      room = Infinity;
      await start();
      expect(isHere(WEIGHTS)).toBe(true);
    },
  );
});

test('of several files of weights the whole one is taken, else the index and its parts', () => {
  const index = 'model.safetensors.index.json';
  const parts = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  expect(neededFiles(['config.json', WEIGHTS, index, ...parts])).toEqual(['config.json', WEIGHTS]);
  expect(neededFiles([...parts, index, 'config.json', 'onnx/model.onnx'])).toEqual([
    'config.json',
    index,
    ...parts,
  ]);
  expect(neededFiles(['config.json', ...parts])).toBeUndefined();
});
