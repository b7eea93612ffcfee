/** A run for which the graphics device has no room: what it says, what it leaves, and that the device goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gpu } from '../gpu/device';
import { starve } from '../gpu/testing';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { runExperiment } from './runner';
import { parseExperiment } from './schema';
import { storeRun } from './testing';

const experiment = parseExperiment({
  seed: 3,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 16 },
  schedule: { max_steps: 2, eval_steps: 2, save_steps: 1 },
  evaluation: { problems: 4 },
});

let gpu: Gpu;
let store: IndexedDbStore;
beforeAll(async () => {
  gpu = await Gpu.open({ defaultLimits: true });
  store = new IndexedDbStore({ name: `out of memory ${Date.now()}` });
});
afterAll(async () => {
  await store.close();
  gpu.device.destroy();
});

async function go(id: string): Promise<string | undefined> {
  const from = await store.latestCheckpoint(id);
  if (!from) await storeRun(store, id, experiment);
  const options = { gpu, runId: id, experiment, model: tinyDirectory(5), store, from };
  await runExperiment({ ...options, emit: () => undefined }).catch(() => undefined);
  return (await store.getRun(id))?.error;
}

it.each([
  ['weights', /^weights/],
  ['gradients', /^gradients/],
  ['AdamW', /^adam v/],
  ['KV cache', /^kv cache/],
  ['activations', /^activations/],
])('says that the %s do not fit, and what would', async (part, label) => {
  const restore = starve(gpu, (descriptor) => label.test(descriptor.label ?? ''));
  const error = await go(`without room for ${part}`);
  restore();
  expect(error).toMatch(
    new RegExp(
      `^The graphics device has no room for the ${part} \\(.+\\): [\\d.]+ MB more, with [\\d.]+ MB taken`,
    ),
  );
  expect(error).toMatch(/The experiment takes [\d.]+ MB: .*KV cache [\d.]+ MB/);
  expect(error).toMatch(
    /Less with training\.gradient_checkpointing = true \([\d.]+ MB in all\), then .*rollout\.max_num_seqs = /,
  );
  expect(error).toMatch(/Nothing that was stored is lost\.$/);
  expect(gpu.allocatedBytes).toBe(0);
});

it('says which steps are kept, and goes on from there when there is room', async () => {
  let restore = () => undefined as void;
  const id = 'in between';
  await storeRun(store, id, experiment);
  const model = tinyDirectory(5);
  const run = runExperiment({
    ...{ gpu, runId: id, experiment, model, store },
    emit: (event) => {
      if (event.type === 'step' && event.metrics.step === 1)
        restore = starve(gpu, ({ label }) => label === 'finished tokens');
    },
  });
  await expect(run).rejects.toThrow(/no room for the finished tokens .* steps up to 1 are kept\.$/);
  restore();
  expect(gpu.allocatedBytes).toBe(0);
  expect(await go(id)).toBeUndefined();
  expect(await store.getRun(id)).toMatchObject({ status: 'finished', step: 2 });
});
