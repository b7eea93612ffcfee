/** The runner on a GPU: short experiments with a random tiny model, kept in IndexedDB. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { StoreError } from '../store/types';
import { countdown } from '../tasks/countdown';
import { RunControl } from './control';
import type { LabEvent } from './protocol';
import { runExperiment } from './runner';
import { parseExperiment, type ExperimentInput } from './schema';
import { outcomeOf, statuses, stepOf, storeRun } from './testing';

const STEPS = 3;
const SHORT: ExperimentInput = {
  seed: 1,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 24 },
  optimizer: { learning_rate: 1e-3 },
  schedule: { max_steps: STEPS, eval_steps: 2, save_steps: 100 },
  evaluation: { problems: 6 },
};

let gpu: Gpu;
let store: IndexedDbStore;
let runs = 0;
beforeAll(async () => {
  // An untrained model is never right. So that there is something to learn, here all that ends is.
  vi.spyOn(countdown, 'verify').mockReturnValue({ correct: true, extracted: null, reason: 'it ended' });
  gpu = await sharedGpu();
  store = new IndexedDbStore({ name: `runner test ${Date.now()}` });
});
afterAll(async () => {
  vi.restoreAllMocks();
  await store.close();
});

/** A stored run that has not begun. */
async function createRun(input: ExperimentInput = {}) {
  const experiment = parseExperiment({ ...SHORT, ...input });
  const id = `run ${++runs}`;
  await storeRun(store, id, experiment, runs);
  return { id, experiment };
}
type Run = Awaited<ReturnType<typeof createRun>>;

interface Watch {
  control?: RunControl;
  on?: (event: LabEvent) => void;
  /** Instead of the store itself. */
  into?: IndexedDbStore;
  model?: ReturnType<typeof tinyDirectory>;
}

/** Runs, or goes on from the last checkpoint as the worker does, and checks that the GPU is empty afterwards. */
async function go({ id, experiment }: Run, { control, on, into = store, model }: Watch = {}) {
  const from = await store.latestCheckpoint(id);
  const events: LabEvent[] = [];
  const emit = (event: LabEvent) => {
    events.push(event);
    on?.(event);
  };
  const options = { gpu, runId: id, experiment, model: model ?? tinyDirectory(5), from, emit, control };
  try {
    return { status: await runExperiment({ ...options, store: into }), events };
  } finally {
    await gpu.settle();
    expect(gpu.allocatedBytes).toBe(0);
  }
}

/** The store, cut off before a certain step. */
class CutStore extends IndexedDbStore {
  constructor(private readonly step: number) {
    super();
  }
  override commitStep(...[id, commit]: Parameters<IndexedDbStore['commitStep']>) {
    if (commit.metrics.step === this.step) return Promise.reject(new StoreError('cut off'));
    return store.commitStep(id, commit);
  }
  override updateRun(...args: Parameters<IndexedDbStore['updateRun']>) {
    return store.updateRun(...args);
  }
  override metrics(id: string) {
    return store.metrics(id);
  }
}

const outcome = ({ id }: Run) => outcomeOf(store, id);

describe('an uninterrupted run', () => {
  let run: Run;
  let events: LabEvent[];
  beforeAll(async () => {
    run = await createRun();
    events = (await go(run)).events;
  });

  it('is finished, with a line a step and an evaluation before, in between and after', async () => {
    expect(await store.getRun(run.id)).toMatchObject({ status: 'finished', step: STEPS });
    expect(statuses(events)).toEqual(['running', 'finished']);
    expect(events.map(stepOf).filter((step) => step !== undefined)).toEqual([0, 1, 2, 3]);
    const metrics = await store.metrics(run.id);
    expect(Object.keys(metrics[0]).every((name) => /^(step$|eval\/|time\/eval$)/.test(name))).toBe(true);
    expect(metrics.map((line) => 'eval/greedy/accuracy' in line)).toEqual([true, false, true, true]);
    for (const line of metrics.slice(1)) {
      expect(line).toMatchObject({ 'clip_ratio/region_mean': 0 });
      expect(line['sampling/sampling_logp_difference/max']).toBeLessThan(1e-4);
      expect(Object.values(line).every(Number.isFinite)).toBe(true);
    }
    expect(metrics.some((line) => line.grad_norm > 0)).toBe(true);
    expect(metrics[1].learning_rate).toBeCloseTo(1e-3 / 3, 12);
  });

  it('keeps every response: 8 of each step, and 6 watched problems of each evaluation', async () => {
    const count = async (step: number, kind: 'train' | 'watch') =>
      (await store.rollouts(run.id, { step, kind })).length;
    for (const step of [1, 2, 3]) expect(await count(step, 'train')).toBe(8);
    expect(await Promise.all([0, 1, 2, 3].map((step) => count(step, 'watch')))).toEqual([6, 0, 6, 6]);
  });

  it('ends with a checkpoint from which nothing is left to do', async () => {
    expect((await store.latestCheckpoint(run.id))?.step).toBe(STEPS);
    const before = await outcome(run);
    expect((await go(run)).status).toBe('finished');
    expect(await outcome(run)).toEqual(before);
  });

  it('gives the same tokens and numbers, bit for bit, with the same seed', async () => {
    const again = await createRun();
    await go(again);
    expect(await outcome(again)).toEqual(await outcome(run));
  });

  it('gives others with another seed', async () => {
    const other = await createRun({ seed: 2 });
    await go(other);
    const [a, b] = [await outcome(run), await outcome(other)];
    expect(b.rollouts.map((r) => r.response)).not.toEqual(a.rollouts.map((r) => r.response));
    expect(b.metrics.slice(1)).not.toEqual(a.metrics.slice(1));
  });

  it.each([
    ['after a step', (event: LabEvent) => stepOf(event) === 1],
    [
      'while it samples',
      (event: LabEvent) => event.type === 'progress' && event.phase === 'sampling' && event.step === 2,
    ],
    [
      'while it evaluates before the first step',
      (event: LabEvent) => event.type === 'progress' && event.phase === 'evaluating' && event.step === 0,
    ],
  ])('goes on after a stop %s as if there had been none', async (_, isMoment) => {
    const stopped = await createRun();
    const control = new RunControl();
    const first = await go(stopped, { control, on: (event) => isMoment(event) && control.stop() });
    expect(first.status).toBe('stopped');
    const kept = await store.getRun(stopped.id);
    expect(kept).toMatchObject({ status: 'stopped' });
    expect(kept!.step).toBeLessThan(STEPS);
    expect((await go(stopped)).status).toBe('finished');
    expect(await outcome(stopped)).toEqual(await outcome(run));
  });

  it.each(['float32', 'float16'] as const)(
    'goes on with all that a run carries beside its weights, in %s: replay, reference, adaptive coefficients',
    async (dtype) => {
      const carrying: ExperimentInput = {
        ...SHORT,
        model: { dtype },
        strategy: { replay_steps: 2, mini_batches: 2 },
        kl: {
          schedule: 'adaptive',
          horizon: 100,
          beta: 0.2,
          ref_model_sync_steps: 2,
          placement: 'reward',
          estimator: 'k1',
        },
        objective: { entropy_coef: 0.01, use_adaptive_entropy: true },
        reward: { length: 1 },
        schedule: { max_steps: 5, eval_steps: 5, save_steps: 1 },
      };
      const [whole, stopped] = [await createRun(carrying), await createRun(carrying)];
      await go(whole);
      for (const at of [2, 3]) {
        const control = new RunControl();
        await go(stopped, { control, on: (event) => stepOf(event) === at && control.stop() });
        expect((await store.getRun(stopped.id))!.step).toBe(at);
      }
      await go(stopped);
      expect(await outcome(stopped)).toEqual(await outcome(whole));
      const { metrics } = await outcome(whole);
      expect(metrics.at(-1)!['replay/age_mean']).toBeGreaterThan(0);
      expect(metrics.at(-1)!['actor/kl_coef']).not.toBe(0.2);
    },
  );

  it('keeps a step whose evaluation was stopped, and tells of it', async () => {
    const stopped = await createRun();
    const control = new RunControl();
    const { status, events } = await go(stopped, {
      control,
      on: (event) =>
        event.type === 'progress' && event.phase === 'evaluating' && event.step === 2 && control.stop(),
    });
    expect(status).toBe('stopped');
    expect(events.findLast((event) => event.type === 'run-status')).toMatchObject({ step: 2 });
    expect(await store.getRun(stopped.id)).toMatchObject({ status: 'stopped', step: 2 });
    expect((await store.latestCheckpoint(stopped.id))?.step).toBe(2);
    expect((await go(stopped)).status).toBe('finished');
    expect(await outcome(stopped)).toEqual(await outcome(run));
  });

  describe('cut off two steps after its checkpoint', () => {
    /** As a killed process leaves it: steps 0 to 2 are committed, the only checkpoint is of step 0. */
    async function cutOff(): Promise<Run> {
      const cut = await createRun();
      await expect(go(cut, { into: new CutStore(3) })).rejects.toThrow('cut off');
      expect(await store.checkpoints(cut.id)).toMatchObject([{ step: 0 }]);
      expect(await store.metrics(cut.id)).toHaveLength(3);
      return cut;
    }

    it('computes them again, finds them as they are stored, and comes out the same', async () => {
      const cut = await cutOff();
      const before = await store.metrics(cut.id);
      let kept = Infinity;
      const counted: Promise<void>[] = [];
      const count = async () => void (kept = Math.min(kept, (await store.metrics(cut.id)).length));
      const { events } = await go(cut, { on: (event) => event.type === 'step' && counted.push(count()) });
      await Promise.all(counted);
      expect(kept, 'no committed step is ever gone').toBeGreaterThanOrEqual(3);
      expect((await store.metrics(cut.id)).slice(0, 3), 'timings and all').toEqual(before);
      expect(events.filter(({ type }) => type === 'note')).toEqual([]);
      expect(await outcome(cut)).toEqual(await outcome(run));
    });

    it('is cut off again and again, and comes out the same', async () => {
      const cut = await cutOff();
      for (const moment of ['sampling', 'updating', 'evaluating'] as const) {
        const abort = (event: LabEvent) => {
          if (event.type === 'progress' && event.phase === moment && event.step === 2)
            throw new Error('cut off');
        };
        await expect(go(cut, { on: abort })).rejects.toThrow('cut off');
        expect(await store.metrics(cut.id)).toHaveLength(3);
      }
      await go(cut);
      expect(await outcome(cut)).toEqual(await outcome(run));
    });

    it('replaces what comes out different, and says so', async () => {
      const cut = await cutOff();
      await store.commitStep(cut.id, { metrics: { step: 2, reward: 99 } });
      const { events } = await go(cut);
      expect(events).toContainEqual({ type: 'truncated', runId: cut.id, step: 1 });
      expect(events).toContainEqual({
        type: 'note',
        runId: cut.id,
        message: expect.stringMatching(/^Step 2 was computed again .* came out different/) as string,
      });
      expect(await outcome(cut)).toEqual(await outcome(run));
    });

    it('is stopped while it computes them again, and keeps them', async () => {
      const cut = await cutOff();
      const control = new RunControl();
      await go(cut, { control, on: (event) => stepOf(event) === 1 && control.stop() });
      expect(await store.getRun(cut.id)).toMatchObject({ status: 'stopped', step: 2 });
      expect((await store.latestCheckpoint(cut.id))?.step).toBe(1);
      await go(cut);
      expect(await outcome(cut)).toEqual(await outcome(run));
    });
  });

  it('rests while it is paused, in the middle of a step too, and comes out the same', async () => {
    const paused = await createRun();
    const control = new RunControl();
    let heardAtRest = 0;
    const { events } = await go(paused, {
      control,
      on: (event) => {
        if (event.type === 'progress' && event.phase === 'sampling' && event.step === 2) control.pause();
        heardAtRest++;
        if (event.type !== 'run-status' || event.status !== 'paused') return;
        heardAtRest = 0;
        // Long enough for the device to do all that could still be queued.
        void gpu.settle().then(() => {
          expect(heardAtRest).toBe(0);
          control.unpause();
        });
      },
    });
    expect(statuses(events)).toEqual(['running', 'paused', 'running', 'finished']);
    expect(await outcome(paused)).toEqual(await outcome(run));
  });
});

describe('a run with a cold start', () => {
  const SFT_STEPS = 3;
  /** Demonstrations of the task or of the policy itself, and KL to the model after SFT. */
  const coldStart = (source: 'mixed' | 'rejection'): ExperimentInput => ({
    sft: { steps: SFT_STEPS, source, examples: 12, batch_size: 4, warmup_steps: 2, learning_rate: 1e-3 },
    rollout: { ...SHORT.rollout, max_completion_length: source === 'mixed' ? 192 : 24 },
    kl: { schedule: 'linear', beta: 0.1 },
    schedule: { max_steps: 2, eval_steps: 1, save_steps: 2 },
  });

  describe.each(['mixed', 'rejection'] as const)('on %s demonstrations', (source) => {
    let run: Run;
    let events: LabEvent[];
    beforeAll(async () => {
      run = await createRun(coldStart(source));
      events = (await go(run)).events;
    });

    it('has SFT steps, an evaluation, and RL steps that begin anew', async () => {
      expect(await store.getRun(run.id)).toMatchObject({ status: 'finished', step: 5 });
      expect(events.findLast((event) => event.type === 'run-status')).toMatchObject({ step: 5, maxSteps: 5 });
      const [start, ...lines] = await store.metrics(run.id);
      expect('eval/greedy/accuracy' in start).toBe(true);
      const sft = lines.slice(0, SFT_STEPS);
      const rl = lines.slice(SFT_STEPS);
      expect(lines.map((line) => 'eval/greedy/accuracy' in line)).toEqual([false, false, true, true, true]);
      expect(sft.map((line) => line.learning_rate)).toEqual([5e-4, 1e-3, 1e-3]);
      expect(sft[0]).toMatchObject({ 'sft/examples': 12 });
      for (const line of sft) {
        expect(line['sft/loss']).toBeGreaterThan(0);
        expect(line['sft/token_accuracy']).toBeLessThanOrEqual(1);
        expect(line.grad_norm).toBeGreaterThan(0);
        expect(Object.keys(line).some((name) => name === 'reward' || name === 'kl')).toBe(false);
      }
      if (source === 'mixed') expect(sft[2]['sft/loss']).toBeLessThan(sft[0]['sft/loss']);
      expect(lines.map((line) => line.num_tokens)).toEqual(
        lines.map((line) => line.num_tokens).toSorted((a, b) => a - b),
      );
      expect(rl.map((line) => line.learning_rate)).toEqual([1e-3 / 3, 2e-3 / 3]);
      expect(rl.map((line) => line['actor/kl_coef'])).toEqual([0.1, 0.05]);
      // The reference is the model that RL starts from.
      expect(rl[0].kl).toBe(0);
      expect((await store.rollouts(run.id, { kind: 'train' })).map((r) => r.step)).toEqual(
        [4, 5].flatMap((step) => Array.from({ length: 8 }, () => step)),
      );
      const { counters, arrays } = (await store.latestCheckpoint(run.id))!;
      expect(counters.optimizer_step).toBe(2);
      expect(Object.keys(arrays).filter((name) => name.startsWith('sft_'))).toEqual([]);
    });

    it('is the same again with the same seed', async () => {
      const again = await createRun(coldStart(source));
      await go(again);
      expect(await outcome(again)).toEqual(await outcome(run));
    });

    it.each([
      ['after an SFT step', (event: LabEvent) => stepOf(event) === 1],
      [
        'while it samples demonstrations, or updates on them',
        (event: LabEvent) =>
          event.type === 'progress' &&
          event.step === 1 &&
          event.phase === (source === 'rejection' ? 'sampling' : 'updating'),
      ],
      ['after the last SFT step', (event: LabEvent) => stepOf(event) === SFT_STEPS],
    ])('goes on after a stop %s as if there had been none', async (_, isMoment) => {
      const stopped = await createRun(coldStart(source));
      const control = new RunControl();
      const first = await go(stopped, { control, on: (event) => isMoment(event) && control.stop() });
      expect(first.status).toBe('stopped');
      expect((await store.getRun(stopped.id))!.step).toBeLessThanOrEqual(SFT_STEPS);
      expect((await go(stopped)).status).toBe('finished');
      expect(await outcome(stopped)).toEqual(await outcome(run));
    });
  });

  it('rests while it is paused in SFT, and comes out the same', async () => {
    const [run, paused] = [await createRun(coldStart('rejection')), await createRun(coldStart('rejection'))];
    await go(run);
    const control = new RunControl();
    const { events } = await go(paused, {
      control,
      on: (event) => {
        if (stepOf(event) === 2) control.pause();
        if (event.type === 'run-status' && event.status === 'paused')
          void gpu.settle().then(() => control.unpause());
      },
    });
    expect(statuses(events)).toEqual(['running', 'paused', 'running', 'finished']);
    expect(await outcome(paused)).toEqual(await outcome(run));
  });

  it('fails with a reason when no demonstration fits', async () => {
    const run = await createRun({
      ...coldStart('mixed'),
      rollout: { ...SHORT.rollout, max_completion_length: 8 },
    });
    await expect(go(run)).rejects.toThrow('All 12 demonstrations are longer than 24 tokens');
    expect(await store.getRun(run.id)).toMatchObject({ status: 'failed', step: 0 });
  });
});

describe('a run that fails', () => {
  /** The store, but it cannot keep a certain step. */
  class FullStore extends IndexedDbStore {
    override commitStep(...[id, commit]: Parameters<IndexedDbStore['commitStep']>) {
      if (commit.metrics.step === 2) return Promise.reject(new StoreError('The disk is full.'));
      return store.commitStep(id, commit);
    }
    override updateRun(...args: Parameters<IndexedDbStore['updateRun']>) {
      return store.updateRun(...args);
    }
  }

  it('is recorded as failed, keeps what was committed, and is sound again once it goes on', async () => {
    const run = await createRun({ schedule: { ...SHORT.schedule, save_steps: 1 } });
    const failing = go(run, { into: new FullStore() });
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(await store.getRun(run.id)).toMatchObject({
      status: 'failed',
      step: 1,
      error: 'The disk is full.',
    });
    expect((await go(run)).status).toBe('finished');
    const record = await store.getRun(run.id);
    expect(record).toMatchObject({ status: 'finished', step: STEPS });
    expect(record!.error).toBeUndefined();
  });

  it('is recorded as failed where it is stopped and its state cannot be kept, and goes on from before', async () => {
    const run = await createRun();
    const control = new RunControl();
    const full = new FullStore();
    full.commitStep = (id, commit) =>
      commit.metrics.step === 1 && commit.checkpoint
        ? Promise.reject(new StoreError('The disk is full.'))
        : store.commitStep(id, commit);
    const told: LabEvent[] = [];
    const on = (event: LabEvent) => {
      told.push(event);
      if (stepOf(event) === 1) control.stop();
    };
    await expect(go(run, { into: full, control, on })).rejects.toThrow('The disk is full.');
    expect(told.at(-1)).toMatchObject({ status: 'failed', error: 'The disk is full.', cannotStore: true });
    expect(await store.getRun(run.id)).toMatchObject({ status: 'failed', step: 1 });
    expect((await go(run)).status).toBe('finished');
  });

  it('says so even where that cannot be stored', async () => {
    class DeadStore extends FullStore {
      override updateRun = () => Promise.reject(new StoreError('The database is gone.'));
    }
    const run = await createRun();
    const told: LabEvent[] = [];
    const failing = go(run, { into: new DeadStore(), on: (event) => told.push(event) });
    await expect(failing).rejects.toThrow('The database is gone.');
    expect(told.at(-1)).toMatchObject({ status: 'failed', error: 'The database is gone.' });
  });

  it('leaves nothing on the GPU when the model’s tokenizer is damaged', async () => {
    const run = await createRun();
    const model = { ...tinyDirectory(5), tokenizer: { model: null } };
    await expect(go(run, { model })).rejects.toThrow('tokenizer.json');
    expect(await store.getRun(run.id)).toMatchObject({ status: 'failed', step: 0 });
  });
});
