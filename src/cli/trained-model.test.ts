/** A trained model on its way from a run's folder to a model directory: what is in memory of it, and what is written. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseExperiment, type Experiment } from '../lab/schema';
import { loraOf } from '../lab/schema/training';
import { openTrained } from '../lab/trained';
import { adapterTensors, mergeInto } from '../model/adapter-files';
import { parseModelConfig, type ModelConfig } from '../model/config';
import { openModel } from '../model/directory';
import { parameterLayout, unflatten } from '../model/layout';
import { adapterLayout } from '../model/lora';
import { initParameters } from '../model/parameters';
import { streamedSafetensors, writeSafetensors, type Tensor } from '../model/safetensors';
import { TINY_CONFIG } from '../model/testing';
import { tensorWeights, type WeightSource } from '../model/weights';
import { Random } from '../random';
import { FolderStore } from '../store/folder';
import { commit, run } from '../store/testing';
import { folderSource, writeModelDirectory } from './files';

const fields = {
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 16_384,
  hidden_size: 512,
  intermediate_size: 1536,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
};
const LORA = parseExperiment({ training: { peft: 'lora', lora_r: 4 } });
const FULL = parseExperiment({});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trained-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Numbers that cost nothing to make, all different. */
const numbers = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 2_654_435_761) % 1_000_003) / 1e6 - 0.5);

async function base(json: object, weights: WeightSource): Promise<string> {
  await writeFile(join(folder, 'config.json'), JSON.stringify(json));
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) await writeFile(join(folder, name), '{}');
  await writeFile(join(folder, 'model.safetensors'), streamedSafetensors(weights, 'F32'));
  return folder;
}

async function storedRun(experiment: Experiment, config: ModelConfig, values: (n: number) => Float32Array) {
  const store = new FolderStore(join(folder, 'run'));
  const { id } = run();
  await store.createRun({ ...run(), experiment });
  const lora = loraOf(experiment.training);
  const array = values((lora ? adapterLayout(config, lora) : parameterLayout(config)).size);
  const arrays = { [lora ? 'adapter' : 'params']: array };
  await store.commitStep(id, commit(1, { checkpoint: { step: 1, arrays, counters: {} } }));
  return { store, id, array };
}

describe.each([
  ['all parameters', FULL],
  ['LoRA', LORA],
])('a model of which training changed %s', (_, experiment) => {
  it('is written byte for byte as from memory', async () => {
    const config = TINY_CONFIG;
    const tensors = initParameters(config, new Random(3));
    const json = { ...fields, vocab_size: 96, hidden_size: 32, intermediate_size: 48 };
    const shape = { num_hidden_layers: 2, num_attention_heads: 4 };
    const path = await base({ ...json, ...shape }, tensorWeights(tensors, 'model.safetensors'));
    const { store, id, array } = await storedRun(experiment, config, numbers);
    const { weights } = (await openTrained(store, id, await openModel(folderSource(path)), experiment))!;
    await writeModelDirectory(join(folder, 'out'), path, weights);
    const whole = (tensor: Tensor): Tensor => {
      const lora = loraOf(experiment.training)!;
      const adapter = adapterTensors(config, lora, array);
      return { ...tensor, data: mergeInto(tensor, { offset: 0, values: tensor.data }, adapter, lora) };
    };
    const expected =
      experiment === FULL
        ? unflatten(parameterLayout(config), array).values()
        : [...parameterLayout(config).parts.keys()].map((name) => whole(tensors.get(name)!));
    const written = await readFile(join(folder, 'out', 'model.safetensors'));
    expect(Buffer.compare(written, writeSafetensors(expected))).toBe(0);
  });

  it('is never in memory as a whole: less than its largest tensor is', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const alive = () => {
      collect();
      return process.memoryUsage().arrayBuffers;
    };
    // What the tests before have left is freed in the background, some turns after it is collected.
    let before = alive();
    for (let still = 0; still < 5;) {
      await setTimeout(50);
      const now = alive();
      still = now < before ? 0 : still + 1;
      before = now;
    }
    let most = 0;
    const config = parseModelConfig(fields);
    const random: WeightSource = {
      entries: new Map(
        [...parameterLayout(config).parts.values()].map(({ name, shape, size }) => [
          name,
          { name, shape, dtype: 'F32', file: '', bytes: size * 4 },
        ]),
      ),
      read: (_, begin = 0, end = 0) => Promise.resolve(new Uint8Array(numbers((end - begin) / 4).buffer)),
    };
    const path = await base(fields, random);
    const { store, id } = await storedRun(experiment, config, numbers);

    const { weights } = (await openTrained(store, id, await openModel(folderSource(path)), experiment))!;
    const watched: WeightSource = {
      entries: weights.entries,
      async read(name, begin, end) {
        const bytes = await weights.read(name, begin, end);
        most = Math.max(most, alive() - before);
        return bytes;
      },
    };
    await writeModelDirectory(join(folder, 'out'), path, watched);
    const sizes = [...weights.entries.values()].map(({ bytes }) => bytes);
    const largest = Math.max(...sizes);
    expect(largest).toBeGreaterThan(33e6);
    expect(sizes.reduce((a, b) => a + b)).toBeGreaterThan(80e6);
    expect(most).toBeGreaterThan(4e6);
    expect(most).toBeLessThan(largest);
  });
});
