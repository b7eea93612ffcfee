/** A run whose graphics device is lost: really lost, by `destroy`, at moments of every kind. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DeviceLostError, Gpu } from '../gpu/device';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import type { LabEvent } from './protocol';
import { runExperiment } from './runner';
import { parseExperiment } from './schema';
import { outcomeOf, stepOf, storeRun } from './testing';

const experiment = parseExperiment({
  seed: 3,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 16 },
  schedule: { max_steps: 4, eval_steps: 2, save_steps: 2 },
  evaluation: { problems: 4 },
});

let store: IndexedDbStore;
beforeAll(() => {
  store = new IndexedDbStore({ name: `device loss ${Date.now()}` });
});
afterAll(() => store.close());

let runs = 0;
type Moment = (event: LabEvent) => boolean;

/** Without subgroups: the kernels that use them take a software adapter twice as long to compile, and here it does so often. */
const open = () => Gpu.open({ defaultLimits: true });

/** Runs; at each of the moments, in their order, the device in use is destroyed. */
async function go(id: string, moments: readonly Moment[], { canReopen = true } = {}) {
  let gpu = await open();
  const waiting = [...moments];
  const notes: string[] = [];
  const emit = (event: LabEvent) => {
    if (event.type === 'note') notes.push(event.message);
    if (!waiting[0]?.(event)) return;
    waiting.shift();
    gpu.device.destroy();
  };
  const reopen = async () => (gpu = await open());
  const from = await store.latestCheckpoint(id);
  const base = { gpu, runId: id, experiment, model: tinyDirectory(5), store, from, emit };
  try {
    const status = await runExperiment({ ...base, reopen: canReopen ? reopen : undefined });
    expect(waiting, 'every moment came').toEqual([]);
    return { status, notes };
  } finally {
    gpu.device.destroy();
  }
}

async function createRun(): Promise<string> {
  const id = `run ${++runs}`;
  await storeRun(store, id, experiment, runs);
  return id;
}

const outcome = (id: string) => outcomeOf(store, id);

const during =
  (phase: string, step: number): Moment =>
  (event) =>
    event.type === 'progress' && event.phase === phase && event.step === step;
const after =
  (step: number): Moment =>
  (event) =>
    stepOf(event) === step;

let whole: string;
beforeAll(async () => {
  whole = await createRun();
  await go(whole, []);
});

it.each([
  { moments: [during('loading', 0), during('sampling', 2), after(3)] },
  { moments: [during('evaluating', 0), during('saving', 2), during('updating', 3)] },
])('a device that is lost is replaced as long as steps are made (%#)', async ({ moments }) => {
  const id = await createRun();
  const { status, notes } = await go(id, moments);
  expect(status).toBe('finished');
  expect(notes).toHaveLength(3);
  for (const note of notes) expect(note).toMatch(/^The graphics device was lost \(.+\)\. .*a new device\.$/);
  expect(notes[2]).toMatch(
    /Steps up to [23] are kept, with a checkpoint of step 2; the run goes on from there/,
  );
  expect(await outcome(id)).toEqual(await outcome(whole));
});

it('one that is lost twice at the same step ends the run, which says so and can go on', async () => {
  const id = await createRun();
  const failing = go(id, [during('sampling', 2), during('sampling', 2)]);
  await expect(failing).rejects.toThrow(DeviceLostError);
  const failed = await store.getRun(id);
  expect(failed).toMatchObject({ status: 'failed', step: 1 });
  expect(failed?.error).toMatch(
    /Steps up to 1 are kept, with a checkpoint of step 0\. It was lost before too/,
  );
  expect((await go(id, [])).status).toBe('finished');
  expect(await outcome(id)).toEqual(await outcome(whole));
});

it('one that cannot be replaced ends the run, which says so and can go on', async () => {
  const id = await createRun();
  await expect(go(id, [during('updating', 4)], { canReopen: false })).rejects.toThrow(DeviceLostError);
  expect((await store.getRun(id))?.error).toMatch(/Steps up to 3 are kept, .* Continue goes on from there/);
  expect((await go(id, [])).status).toBe('finished');
  expect(await outcome(id)).toEqual(await outcome(whole));
});
