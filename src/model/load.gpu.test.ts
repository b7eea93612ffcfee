import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { ModelFileError } from './errors';
import { Model } from './model';
import { writeSafetensors } from './safetensors';
import { openWeights } from './shards';
import { memorySource, TINY_CONFIG, tinyTensors } from './testing';

let gpu: Gpu;
let model: Model;
beforeAll(async () => {
  gpu = await sharedGpu();
  model = new Model(gpu, TINY_CONFIG);
});
afterAll(() => model.destroy());

const weightsOf = (tensors: ReturnType<typeof tinyTensors>) =>
  openWeights(memorySource({ 'model.safetensors': writeSafetensors(tensors.values()) }));

test('streamed weights are on the GPU as they are in the file', async () => {
  const tensors = tinyTensors(7);
  await model.load(await weightsOf(tensors));
  const loaded = await model.download();
  for (const [name, { data }] of tensors) expect(loaded.get(name)!.data, name).toEqual(data);
  await gpu.settle();
});

test('a weight that is not finite is named', async () => {
  const tensors = tinyTensors(7);
  tensors.get('model.layers.1.mlp.up_proj.weight')!.data[5] = Infinity;
  const loading = model.load(await weightsOf(tensors));
  await expect(loading).rejects.toThrow(ModelFileError);
  await expect(loading).rejects.toThrow('model.layers.1.mlp.up_proj.weight holds Infinity at position 5');
});
