/** Imported questions and the difficulty filter on a GPU: short experiments with a random tiny model. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { splitOf } from '../tasks/hash';
import { countdown } from '../tasks/countdown';
import { importProblems } from '../tasks/import';
import { RunControl } from './control';
import { prepareRun } from './dataset';
import { KEPT_PROBLEMS } from './difficulty';
import type { LabEvent } from './protocol';
import { runExperiment } from './runner';
import { parseExperiment, type ExperimentInput } from './schema';
import { outcomeOf, stepOf, storeRun } from './testing';

const SHORT: ExperimentInput = {
  seed: 1,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 24 },
  optimizer: { learning_rate: 1e-3 },
  schedule: { max_steps: 3, eval_steps: 3, save_steps: 1 },
  evaluation: { problems: 4 },
  // An untrained model is never right: here there is something to learn all the same.
  reward: { length: 1 },
};
const { problems } = importProblems(
  countdown
    .split('train')
    .slice(0, 60)
    .map(({ prompt, answer }) => JSON.stringify({ prompt, answer }))
    .join('\n'),
);

const DEMONSTRATIONS = problems
  .slice(0, 5)
  .map(({ prompt }) => JSON.stringify({ prompt, completion: 'no wait yes' }))
  .join('\n');

let gpu: Gpu;
let store: IndexedDbStore;
let runs = 0;
beforeAll(async () => {
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `own data test ${Date.now()}` });
});
afterEach(() => void vi.restoreAllMocks());
afterAll(async () => {
  await store.close();
});

async function createRun(input: ExperimentInput) {
  const model = tinyDirectory(5);
  const prepared = await prepareRun(
    parseExperiment({ ...SHORT, ...input }),
    model,
    () => Promise.resolve(problems),
    () => Promise.resolve(DEMONSTRATIONS),
  );
  const id = `run ${++runs}`;
  await storeRun(store, id, prepared.experiment, runs);
  return { id, prepared };
}
type Run = Awaited<ReturnType<typeof createRun>>;

/** Runs, or goes on from the last checkpoint as the worker does. @param stopAt the moment at which it is stopped */
async function go({ id, prepared }: Run, stopAt: (event: LabEvent) => boolean = () => false) {
  const from = await store.latestCheckpoint(id);
  if (from) await store.truncateAfter(id, from.step);
  const control = new RunControl();
  const emit = (event: LabEvent) => stopAt(event) && control.stop();
  try {
    return await runExperiment({ ...prepared, gpu, runId: id, store, from, control, emit });
  } finally {
    await gpu.settle();
    expect(gpu.allocatedBytes).toBe(0);
  }
}

const outcome = ({ id }: Run) => outcomeOf(store, id);
const askedIn = async ({ id }: Run, kind: 'train' | 'watch') =>
  new Set((await store.rollouts(id, { kind })).map((r) => r.problemId));

const atStep = (step: number) => (event: LabEvent) => stepOf(event) === step;
const whileFiltering = (event: LabEvent) => event.type === 'progress' && event.phase === 'filtering';

describe('imported questions', () => {
  const input: ExperimentInput = {
    data: { task: 'imported', file: 'mine', pass_rate_samples: 2, min_pass_rate: 0, pass_rate_problems: 5 },
  };

  it('are asked by their split, graded as maths, and the same ones after each stop', async () => {
    const [run, stopped] = [await createRun(input), await createRun(input)];
    expect(await go(run)).toBe('finished');
    const ids = new Set(problems.map((p) => p.id));
    for (const [kind, split] of [
      ['train', 'train'],
      ['watch', 'test'],
    ] as const)
      for (const id of await askedIn(run, kind)) expect([ids.has(id), splitOf(id)]).toEqual([true, split]);
    expect((await askedIn(run, 'train')).size).toBeLessThanOrEqual(5);
    expect((await store.metrics(run.id))[0]).toMatchObject({
      'data/kept': 5,
      'data/too_easy': 0,
      'data/too_hard': 0,
    });
    expect((await store.rollouts(run.id)).map((r) => r.verdict).join('\n')).toMatch(
      /is not|There is no answer|cannot be read|cut at/,
    );

    for (const moment of [whileFiltering, atStep(0), atStep(2)])
      expect(await go(stopped, moment)).toBe('stopped');
    expect(await go(stopped)).toBe('finished');
    expect(await outcome(stopped)).toEqual(await outcome(run));
  });

  it('that the model is never right on leave nothing to ask, and nothing is trained', async () => {
    const run = await createRun({ data: { ...input.data, min_pass_rate: 0.5 } });
    await expect(go(run)).rejects.toThrow(
      /leaves nothing to ask\. Of 5 questions, each answered 2 times, the base model was right too seldom on 5 \(pass rate below 0\.5\)/,
    );
    expect(await store.getRun(run.id)).toMatchObject({ status: 'failed', step: 0 });
    expect(await store.latestCheckpoint(run.id)).toBeUndefined();
  });
});

describe('demonstrations of one’s own', () => {
  it('are learnt from before RL, and are not needed again once that has begun', async () => {
    const input: ExperimentInput = {
      sft: { steps: 2, source: 'imported', file: 'mine', batch_size: 5, warmup_steps: 0, examples: 1 },
      schedule: { max_steps: 1, save_steps: 1 },
    };
    const [run, stopped] = [await createRun(input), await createRun(input)];
    expect(await go(run)).toBe('finished');
    const metrics = await store.metrics(run.id);
    expect(metrics[1]).toMatchObject({ 'sft/examples': 5, 'sft/too_long': 0 });
    expect(metrics[2]['sft/loss']).toBeLessThan(metrics[1]['sft/loss']);
    expect(await go(stopped, atStep(1))).toBe('stopped');
    const without = { ...stopped.prepared, demonstrations: undefined };
    expect(await go({ ...stopped, prepared: without })).toBe('finished');
    expect(await outcome(stopped)).toEqual(await outcome(run));
  });
});

describe('further sets', () => {
  it('are evaluated beside the experiment’s own set, and change nothing of it', async () => {
    const input: ExperimentInput = {
      data: { task: 'arrows', file: 'mine' },
      schedule: { max_steps: 2, eval_steps: 1 },
      evaluation: { problems: 4, eval_dataset: 'countdown, imported' },
    };
    const run = await createRun(input);
    const alone = await createRun({ ...input, evaluation: { problems: 4 } });
    for (const each of [run, alone]) expect(await go(each)).toBe('finished');
    const metrics = await store.metrics(run.id);
    const isFurther = (name: string) => /^eval\/(countdown|imported)\//.test(name);
    for (const line of metrics) {
      for (const set of ['countdown', 'imported'])
        for (const mode of ['greedy', 'sampled'])
          expect(line[`eval/${set}/${mode}/accuracy`], `step ${line.step}`).toBeGreaterThanOrEqual(0);
      // An untrained model’s responses run to the limit or end early; none is empty.
      expect(line['eval/imported/greedy/mean_length']).toBeGreaterThan(0);
    }
    const { metrics: all, ...others } = await outcome(run);
    const own = all.map((line) =>
      Object.fromEntries(Object.entries(line).filter(([name]) => !isFurther(name))),
    );
    expect({ metrics: own, ...others }).toEqual(await outcome(alone));
  });
});

describe('the difficulty filter', () => {
  const input: ExperimentInput = {
    data: { pass_rate_samples: 4, min_pass_rate: 0.3, max_pass_rate: 0.6, pass_rate_problems: 40 },
  };
  /** As if about every second finished response were right. */
  const rightByChance = () =>
    vi.spyOn(countdown, 'verify').mockImplementation((_, response) => ({
      correct: response.length % 2 === 0,
      extracted: null,
      reason: 'by its length',
    }));

  it('asks only what the model is right on now and then, after a stop too', async () => {
    rightByChance();
    const [run, stopped] = [await createRun(input), await createRun(input)];
    await go(run);
    const [{ 'data/kept': kept, 'data/too_easy': easy, 'data/too_hard': hard }] = await store.metrics(run.id);
    expect(kept + easy + hard).toBe(40);
    expect(Math.min(kept, easy + hard)).toBeGreaterThan(0);
    const places = (await store.latestCheckpoint(run.id))!.arrays[KEPT_PROBLEMS];
    expect(places).toHaveLength(kept);
    const allowed = new Set(Array.from(places, (place) => countdown.split('train')[place].id));
    for (const id of await askedIn(run, 'train')) expect(allowed).toContain(id);

    for (const moment of [whileFiltering, atStep(1)]) await go(stopped, moment);
    // What is kept is not measured again: by now the model is another.
    let measured = false;
    await go(stopped, (event) => {
      measured ||= whileFiltering(event);
      return false;
    });
    expect(measured).toBe(false);
    expect(await outcome(stopped)).toEqual(await outcome(run));
  });
});
