/** Every arm of every comparison takes two steps, on a random tiny model that reads any text. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Gpu } from '../../gpu/device';
import { sharedGpu } from '../../gpu/testing';
import { byteDirectory } from '../../rl/testing';
import { IndexedDbStore } from '../../store';
import { countdown } from '../../tasks/countdown';
import { runExperiment } from '../runner';
import { plannedRuns } from './arms';
import { COMPARISONS } from './catalogue';

const SHORTENED = {
  rollout: { queries_per_step: 4, num_generations: 4 },
  schedule: { max_steps: 2, eval_steps: 2, save_steps: 100 },
  evaluation: { problems: 2 },
};

let gpu: Gpu;
let store: IndexedDbStore;
beforeAll(async () => {
  // An untrained model is never right. So that there is something to learn, here every other response is.
  vi.spyOn(countdown, 'verify').mockImplementation((_, response) => {
    const correct = response.length % 2 === 0;
    return { correct, extracted: String(correct), reason: 'by its length' };
  });
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `comparisons test ${Date.now()}` });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await store.close();
});

it.each(Object.entries(COMPARISONS))('%s', async (name, comparison) => {
  const sft = comparison.base.sft && { sft: { steps: 2, examples: 128 } };
  for (const { arm, experiment } of plannedRuns(comparison, [1], { ...SHORTENED, ...sft })) {
    const id = `${name} ${arm}`;
    const now = Date.now();
    const record = { id, name: id, experiment, status: 'running', step: 0, adapter: 'test' } as const;
    await store.createRun({ ...record, createdAt: now, updatedAt: now });
    const model = byteDirectory(3);
    const status = await runExperiment({ gpu, runId: id, experiment, model, store, emit: () => undefined });
    expect(status, arm).toBe('finished');
    const metrics = await store.metrics(id);
    for (const line of metrics)
      expect(Object.values(line).every(Number.isFinite), `${arm}: ${JSON.stringify(line)}`).toBe(true);
    expect(
      metrics.some((line) => line.grad_norm > 0),
      arm,
    ).toBe(true);
    expect(metrics.at(-1)).toHaveProperty('eval/greedy/accuracy');
  }
});
