import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { Random } from '../random';
import { ModelFileError } from './errors';
import { writeSafetensors, type Tensor } from './safetensors';
import { openWeights } from './shards';
import { memorySource } from './testing';
import { readFloats, toFloat32, type WeightSource } from './weights';

const tensor = (name: string, ...values: number[]): Tensor => ({
  name,
  shape: [values.length],
  data: Float32Array.from(values),
});
const shard = (...tensors: Tensor[]) => writeSafetensors(tensors);
const index = (weight_map: unknown) => JSON.stringify({ metadata: { total_size: 1 }, weight_map });

const ONE = 'model-00001-of-00002.safetensors';
const TWO = 'model-00002-of-00002.safetensors';
const sharded = {
  'model.safetensors.index.json': index({ a: ONE, b: ONE, c: TWO }),
  [ONE]: shard(tensor('a', 1, 2), tensor('b', 3)),
  [TWO]: shard(tensor('c', 4, 5, 6)),
};

async function values(weights: WeightSource): Promise<Record<string, number[]>> {
  const all: Record<string, number[]> = {};
  for (const { name, dtype } of weights.entries.values())
    all[name] = [...toFloat32(await weights.read(name), dtype)];
  return all;
}

describe('weights in several files', () => {
  test('are one set of tensors, each with its file', async () => {
    const weights = await openWeights(memorySource(sharded));
    expect(await values(weights)).toEqual({ a: [1, 2], b: [3], c: [4, 5, 6] });
    expect(weights.entries.get('c')).toEqual({ name: 'c', dtype: 'F32', shape: [3], file: TWO, bytes: 12 });
  });

  test('are read in parts too, and no further than the tensor goes', async () => {
    const weights = await openWeights(memorySource(sharded));
    expect([...toFloat32(await weights.read('a', 4, 100), 'F32')]).toEqual([2]);
  });

  test('one file is taken before an index, as transformers does', async () => {
    const weights = await openWeights(
      memorySource({ ...sharded, 'model.safetensors': shard(tensor('z', 9)) }),
    );
    expect(await values(weights)).toEqual({ z: [9] });
  });

  const without = (name: string) =>
    Object.fromEntries(Object.entries(sharded).filter(([file]) => file !== name));
  const indexed = (text: string) => ({ ...sharded, 'model.safetensors.index.json': text });
  const refusals: [string, Record<string, Uint8Array | string>, RegExp][] = [
    ['a shard that is missing', without(TWO), /^model-00002.*no such file.*index\.json names it/],
    ['no weights at all', {}, /^model\.safetensors: there is no such file/],
    [
      'a tensor in two files',
      { ...sharded, [TWO]: shard(tensor('c', 4), tensor('a', 1)) },
      /^model-00002.*tensor "a" is in model-00001-of-00002\.safetensors as well/,
    ],
    [
      'a tensor that is not where the index says',
      indexed(index({ a: ONE, b: ONE, c: TWO, d: TWO })),
      /^model-00002.*tensor "d" is not in it/,
    ],
    [
      'a tensor that the index does not name',
      indexed(index({ a: ONE, c: TWO })),
      /^model-00001.*tensor "b", which model\.safetensors\.index\.json does not name/,
    ],
    ['a name twice', indexed(`{"weight_map":{"a":"${ONE}","a":"${TWO}"}}`), /the key "a" twice/],
    ['a file outside the folder', indexed(index({ a: '../secret.safetensors' })), /names the file "\.\.\//],
    ['a file that is no safetensors', indexed(index({ a: 'pytorch_model.bin' })), /pytorch_model\.bin/],
    ['no map', indexed('{"weight_map":[]}'), /no weight_map/],
    ['no JSON', indexed('<html>'), /index\.json: it is not JSON/],
    ['a shard cut short', { ...sharded, [TWO]: sharded[TWO].subarray(0, -1) }, /^model-00002.*cut short/],
  ];
  test.each(refusals)('%s is refused', async (_, files, message) => {
    const opening = openWeights(memorySource(files));
    await expect(opening).rejects.toThrow(ModelFileError);
    await expect(opening).rejects.toThrow(message);
  });

  test('a file that has become shorter since is noticed when it is read', async () => {
    const files: Record<string, Uint8Array | string> = { ...sharded };
    const weights = await openWeights(memorySource(files));
    files[TWO] = sharded[TWO].subarray(0, -4);
    await expect(weights.read('c')).rejects.toThrow(/^model-00002.*has changed or is cut short/);
  });
});

test('fuzz: a mutated index is refused or obeyed', async () => {
  const random = new Random(4);
  const source = new TextEncoder().encode(sharded['model.safetensors.index.json']);
  let obeyed = 0;
  for (let n = 0; n < 1000; n++) {
    const bytes = source.slice(0, random.int(20) ? undefined : random.int(source.length));
    for (let flips = random.range(1, 3); flips > 0; flips--)
      bytes[random.int(bytes.length)] = random.int(128);
    try {
      const weights = await openWeights(memorySource({ ...sharded, 'model.safetensors.index.json': bytes }));
      expect(await values(weights)).toEqual({ a: [1, 2], b: [3], c: [4, 5, 6] });
      obeyed++;
    } catch (error) {
      expect(error, `mutation ${n}`).toBeInstanceOf(ModelFileError);
    }
  }
  expect(obeyed).toBeGreaterThan(0);
});

test(
  'streaming a model holds less than 1.5 times its largest tensor on the host',
  { timeout: 60_000 },
  async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const alive = () => {
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    // Three tensors of 8 MB in BF16, 16 MB as float32, that exist nowhere: each read makes its bytes.
    const names = Array.from({ length: 3 }, (_, i) => `w${i}`);
    const largest = 2 ** 24;
    const json = JSON.stringify(
      Object.fromEntries(
        names.map((name, i) => [
          name,
          { dtype: 'BF16', shape: [2048, 2048], data_offsets: [i * 2 ** 23, (i + 1) * 2 ** 23] },
        ]),
      ),
    );
    const header = new Uint8Array(8 + json.length);
    new DataView(header.buffer).setUint32(0, json.length, true);
    header.set(new TextEncoder().encode(json), 8);
    const weights = await openWeights({
      size: (name) =>
        Promise.resolve(name === 'model.safetensors' ? header.length + names.length * 2 ** 23 : undefined),
      read: (_, begin, end) =>
        Promise.resolve(end <= header.length ? header.slice(begin, end) : new Uint8Array(end - begin)),
    });
    const before = alive();
    let most = 0;
    let values = 0;
    for (const name of names) {
      for await (const part of readFloats(weights, name)) {
        values += part.values.length;
        most = Math.max(most, alive() - before);
      }
    }
    expect(values).toBe(names.length * 2 ** 22);
    // The part that is looked at, of 4 MiB, is counted; what was there before may have gone meanwhile.
    expect(most).toBeGreaterThan(2 ** 21);
    expect(most).toBeLessThan(1.5 * largest);
  },
);
