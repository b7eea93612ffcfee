/** Runs that train an adapter: what they leave alone, what they keep, and how they go on. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { parameterLayout } from '../model/layout';
import { adapterLayout } from '../model/lora';
import { readTensor } from '../model/weights';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { countdown } from '../tasks/countdown';
import { RunControl } from './control';
import type { LabEvent } from './protocol';
import { runExperiment } from './runner';
import { parseExperiment } from './schema';
import { loraOf } from './schema/training';
import { outcomeOf, stepOf, storeRun } from './testing';
import { isCheckpointOf, openTrained } from './trained';

const experiment = parseExperiment({
  seed: 1,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 16 },
  training: { peft: 'lora', lora_r: 4, gradient_checkpointing: true },
  kl: { schedule: 'fixed', beta: 0.1, ref_model_sync_steps: 2 },
  optimizer: { learning_rate: 0.01 },
  schedule: { max_steps: 3, eval_steps: 100, save_steps: 100 },
  evaluation: { problems: 4 },
});
const model = tinyDirectory(5);

let gpu: Gpu;
let store: IndexedDbStore;
beforeAll(async () => {
  vi.spyOn(countdown, 'verify').mockReturnValue({ correct: true, extracted: null, reason: 'it ended' });
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `adapter run test ${Date.now()}` });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await store.close();
});

async function go(id: string, stopAfter?: number) {
  const from = await store.latestCheckpoint(id);
  if (from) await store.truncateAfter(id, from.step);
  else await storeRun(store, id, experiment);
  const control = new RunControl();
  const emit = (event: LabEvent) => {
    if (stopAfter !== undefined && stepOf(event) === stopAfter) control.stop();
  };
  await runExperiment({ gpu, runId: id, experiment, model, store, from, emit, control });
  await gpu.settle();
  expect(gpu.allocatedBytes).toBe(0);
  return outcomeOf(store, id);
}

it('keeps the adapter alone, moves it, and goes on from a checkpoint bit for bit, its reference too', async () => {
  const whole = await go('whole');
  const { config } = model;
  const size = adapterLayout(config, loraOf(experiment.training)!).size;
  const { arrays } = whole.checkpoint!;
  for (const name of ['adapter', 'adam_m', 'adam_v', 'reference']) expect(arrays[name]).toHaveLength(size);
  expect(arrays).not.toHaveProperty('params');
  expect(isCheckpointOf(config, experiment.training, whole.checkpoint!)).toBe(true);
  // The reference is the base model, hence the policy, until it is refreshed after step 2.
  expect(whole.metrics[1].kl).toBe(0);
  expect(whole.metrics[2].kl).toBeGreaterThan(0);
  expect(whole.metrics[3].kl).toBe(0);

  await go('in two', 2);
  expect(await go('in two')).toEqual(whole);
});

it('gives a model of the same parameters, of which only projections have changed', async () => {
  await go('merged');
  const { weights } = (await openTrained(store, 'merged', model, experiment))!;
  expect([...weights.entries.keys()]).toEqual([...parameterLayout(model.config).parts.keys()]);
  for (const name of weights.entries.keys()) {
    const { data } = await readTensor(weights, name);
    const { data: before } = await readTensor(model.weights, name);
    const isSame = data.every((value, i) => value === before[i]);
    expect(isSame, name).toBe(!name.endsWith('_proj.weight'));
  }
});
