/** A run whose policy may call the calculator: cold start with calls, then RL, broken off and gone on with. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { countdown } from '../tasks/countdown';
import { RunControl } from './control';
import { runExperiment } from './runner';
import { parseExperiment, type ExperimentInput } from './schema';
import { outcomeOf, stepOf, storeRun } from './testing';

const experiment = (changes: ExperimentInput = {}) =>
  parseExperiment({
    seed: 1,
    sft: { steps: 2, source: 'direct', examples: 8, batch_size: 4 },
    tools: { language: 'calculator', max_calls: 3 },
    reward: { tool_cost: 0.1 },
    rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 40 },
    strategy: { replay_steps: 2 },
    schedule: { max_steps: 3, eval_steps: 3, save_steps: 100 },
    evaluation: { problems: 4 },
    ...changes,
  });

let gpu: Gpu;
let store: IndexedDbStore;
beforeAll(async () => {
  vi.spyOn(countdown, 'verify').mockReturnValue({ correct: true, extracted: null, reason: 'it ended' });
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `tool run test ${Date.now()}` });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await store.close();
});

async function create(id: string, changes?: ExperimentInput) {
  const made = experiment(changes);
  await storeRun(store, id, made);
  return made;
}

/** @param stopAfter this step */
async function go(id: string, made: ReturnType<typeof experiment>, stopAfter = Infinity) {
  const from = await store.latestCheckpoint(id);
  const control = new RunControl();
  return runExperiment({
    ...{ gpu, runId: id, experiment: made, model: tinyDirectory(5), store, from, control },
    emit: (event) => {
      if (stepOf(event) === stopAfter) control.stop();
    },
  });
}

async function outcome(id: string) {
  const { checkpoint, ...rest } = await outcomeOf(store, id);
  return { ...rest, params: checkpoint?.arrays.params };
}

it('goes on after a stop as if there had been none, in the cold start and in RL', async () => {
  await go('whole', await create('whole'));
  const whole = await outcome('whole');
  expect(whole.metrics).toHaveLength(6);
  expect(whole.metrics[1]).toMatchObject({ 'sft/examples': 8, 'sft/too_long': 0 });
  for (const line of whole.metrics.slice(3)) {
    expect(line).toHaveProperty('tools/call_frequency');
    expect(line).toHaveProperty('rewards/tool_cost/mean');
    expect(Object.values(line).every(Number.isFinite)).toBe(true);
  }
  expect(whole.rollouts.every(({ calls }) => calls !== undefined)).toBe(true);

  const made = await create('stopped');
  expect(await go('stopped', made, 1)).toBe('stopped');
  expect(await go('stopped', made, 3)).toBe('stopped');
  expect(await go('stopped', made)).toBe('finished');
  expect(await outcome('stopped')).toEqual(whole);
});

it('says at once what is missing: a sandbox, or the words of a form', async () => {
  const start = async (id: string, tools: ExperimentInput['tools']) => go(id, await create(id, { tools }));
  await expect(start('python', { language: 'python' })).rejects.toThrow('There is no sandbox for python');
  const form = start('form', { language: 'calculator', format: 'tool_call' });
  await expect(form).rejects.toThrow('no token <tool_call>');
  await gpu.settle();
  expect(gpu.allocatedBytes).toBe(0);
});
