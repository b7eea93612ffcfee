/** The runner on a GPU: short experiments with a random tiny model, kept in IndexedDB. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyDirectory } from '../rl/testing';
import { IndexedDbStore } from '../store';
import { StoreError } from '../store/types';
import { RunControl } from './control';
import type { LabEvent } from './protocol';
import type { ExperimentInput } from './schema';
import { TestRuns, type Run } from './test-runs';
import { statuses, stepOf } from './testing';

const STEPS = 3;
const SHORT: ExperimentInput = {
  seed: 1,
  rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 24 },
  optimizer: { learning_rate: 1e-3 },
  schedule: { max_steps: STEPS, eval_steps: 2, save_steps: 100 },
  evaluation: { problems: 6 },
};

let runs: TestRuns;
beforeAll(async () => {
  runs = await TestRuns.open(SHORT);
});
afterAll(() => runs.close());

/** The store, cut off before a certain step. */
class CutStore extends IndexedDbStore {
  constructor(private readonly step: number) {
    super();
  }
  override commitStep(...[id, commit]: Parameters<IndexedDbStore['commitStep']>) {
    if (commit.metrics.step === this.step) return Promise.reject(new StoreError('cut off'));
    return runs.store.commitStep(id, commit);
  }
  override updateRun(...args: Parameters<IndexedDbStore['updateRun']>) {
    return runs.store.updateRun(...args);
  }
  override metrics(id: string) {
    return runs.store.metrics(id);
  }
}

describe('an uninterrupted run', () => {
  let run: Run;
  let events: LabEvent[];
  beforeAll(async () => {
    run = await runs.create();
    events = (await runs.go(run)).events;
  });

  it('is finished, with a line a step and an evaluation before, in between and after', async () => {
    expect(await runs.store.getRun(run.id)).toMatchObject({ status: 'finished', step: STEPS });
    expect(statuses(events)).toEqual(['running', 'finished']);
    expect(events.map(stepOf).filter((step) => step !== undefined)).toEqual([0, 1, 2, 3]);
    const metrics = await runs.store.metrics(run.id);
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
      (await runs.store.rollouts(run.id, { step, kind })).length;
    for (const step of [1, 2, 3]) expect(await count(step, 'train')).toBe(8);
    expect(await Promise.all([0, 1, 2, 3].map((step) => count(step, 'watch')))).toEqual([6, 0, 6, 6]);
  });

  it('ends with a checkpoint from which nothing is left to do', async () => {
    expect((await runs.store.latestCheckpoint(run.id))?.step).toBe(STEPS);
    const before = await runs.outcome(run);
    expect((await runs.go(run)).status).toBe('finished');
    expect(await runs.outcome(run)).toEqual(before);
  });

  it('gives the same tokens and numbers, bit for bit, with the same seed', async () => {
    const again = await runs.create();
    await runs.go(again);
    expect(await runs.outcome(again)).toEqual(await runs.outcome(run));
  });

  it('gives others with another seed', async () => {
    const other = await runs.create({ seed: 2 });
    await runs.go(other);
    const [a, b] = [await runs.outcome(run), await runs.outcome(other)];
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
    const stopped = await runs.create();
    const control = new RunControl();
    const first = await runs.go(stopped, { control, on: (event) => isMoment(event) && control.stop() });
    expect(first.status).toBe('stopped');
    const kept = await runs.store.getRun(stopped.id);
    expect(kept).toMatchObject({ status: 'stopped' });
    expect(kept!.step).toBeLessThan(STEPS);
    expect((await runs.go(stopped)).status).toBe('finished');
    expect(await runs.outcome(stopped)).toEqual(await runs.outcome(run));
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
      const [whole, stopped] = [await runs.create(carrying), await runs.create(carrying)];
      await runs.go(whole);
      for (const at of [2, 3]) {
        const control = new RunControl();
        await runs.go(stopped, { control, on: (event) => stepOf(event) === at && control.stop() });
        expect((await runs.store.getRun(stopped.id))!.step).toBe(at);
      }
      await runs.go(stopped);
      expect(await runs.outcome(stopped)).toEqual(await runs.outcome(whole));
      const { metrics } = await runs.outcome(whole);
      expect(metrics.at(-1)!['replay/age_mean']).toBeGreaterThan(0);
      expect(metrics.at(-1)!['actor/kl_coef']).not.toBe(0.2);
    },
  );

  it('keeps a step whose evaluation was stopped, and tells of it', async () => {
    const stopped = await runs.create();
    const control = new RunControl();
    const { status, events } = await runs.go(stopped, {
      control,
      on: (event) =>
        event.type === 'progress' && event.phase === 'evaluating' && event.step === 2 && control.stop(),
    });
    expect(status).toBe('stopped');
    expect(events.findLast((event) => event.type === 'run-status')).toMatchObject({ step: 2 });
    expect(await runs.store.getRun(stopped.id)).toMatchObject({ status: 'stopped', step: 2 });
    expect((await runs.store.latestCheckpoint(stopped.id))?.step).toBe(2);
    expect((await runs.go(stopped)).status).toBe('finished');
    expect(await runs.outcome(stopped)).toEqual(await runs.outcome(run));
  });

  describe('cut off two steps after its checkpoint', () => {
    /** As a killed process leaves it: steps 0 to 2 are committed, the only checkpoint is of step 0. */
    async function cutOff(): Promise<Run> {
      const cut = await runs.create();
      await expect(runs.go(cut, { into: new CutStore(3) })).rejects.toThrow('cut off');
      expect(await runs.store.checkpoints(cut.id)).toMatchObject([{ step: 0 }]);
      expect(await runs.store.metrics(cut.id)).toHaveLength(3);
      return cut;
    }

    it('computes them again, finds them as they are stored, and comes out the same', async () => {
      const cut = await cutOff();
      const before = await runs.store.metrics(cut.id);
      let kept = Infinity;
      const counted: Promise<void>[] = [];
      const count = async () => void (kept = Math.min(kept, (await runs.store.metrics(cut.id)).length));
      const { events } = await runs.go(cut, {
        on: (event) => event.type === 'step' && counted.push(count()),
      });
      await Promise.all(counted);
      expect(kept, 'no committed step is ever gone').toBeGreaterThanOrEqual(3);
      expect((await runs.store.metrics(cut.id)).slice(0, 3), 'timings and all').toEqual(before);
      expect(events.filter(({ type }) => type === 'note')).toEqual([]);
      expect(await runs.outcome(cut)).toEqual(await runs.outcome(run));
    });

    it('is cut off again and again, and comes out the same', async () => {
      const cut = await cutOff();
      for (const moment of ['sampling', 'updating', 'evaluating'] as const) {
        const abort = (event: LabEvent) => {
          if (event.type === 'progress' && event.phase === moment && event.step === 2)
            throw new Error('cut off');
        };
        await expect(runs.go(cut, { on: abort })).rejects.toThrow('cut off');
        expect(await runs.store.metrics(cut.id)).toHaveLength(3);
      }
      await runs.go(cut);
      expect(await runs.outcome(cut)).toEqual(await runs.outcome(run));
    });

    it('replaces what comes out different, and says so', async () => {
      const cut = await cutOff();
      await runs.store.commitStep(cut.id, { metrics: { step: 2, reward: 99 } });
      const { events } = await runs.go(cut);
      expect(events).toContainEqual({ type: 'truncated', runId: cut.id, step: 1 });
      expect(events).toContainEqual({
        type: 'note',
        runId: cut.id,
        message: expect.stringMatching(/^Step 2 was computed again .* came out different/) as string,
      });
      expect(await runs.outcome(cut)).toEqual(await runs.outcome(run));
    });

    it('is stopped while it computes them again, and keeps them', async () => {
      const cut = await cutOff();
      const control = new RunControl();
      await runs.go(cut, { control, on: (event) => stepOf(event) === 1 && control.stop() });
      expect(await runs.store.getRun(cut.id)).toMatchObject({ status: 'stopped', step: 2 });
      expect((await runs.store.latestCheckpoint(cut.id))?.step).toBe(1);
      await runs.go(cut);
      expect(await runs.outcome(cut)).toEqual(await runs.outcome(run));
    });
  });

  it('rests while it is paused, in the middle of a step too, and comes out the same', async () => {
    const paused = await runs.create();
    const control = new RunControl();
    let heardAtRest = 0;
    const { events } = await runs.go(paused, {
      control,
      on: (event) => {
        if (event.type === 'progress' && event.phase === 'sampling' && event.step === 2) control.pause();
        heardAtRest++;
        if (event.type !== 'run-status' || event.status !== 'paused') return;
        heardAtRest = 0;
        // Long enough for the device to do all that could still be queued.
        void runs.gpu.settle().then(() => {
          expect(heardAtRest).toBe(0);
          control.unpause();
        });
      },
    });
    expect(statuses(events)).toEqual(['running', 'paused', 'running', 'finished']);
    expect(await runs.outcome(paused)).toEqual(await runs.outcome(run));
  });
});

describe('a run that fails', () => {
  /** The store, but it cannot keep a certain step. */
  class FullStore extends IndexedDbStore {
    override commitStep(...[id, commit]: Parameters<IndexedDbStore['commitStep']>) {
      if (commit.metrics.step === 2) return Promise.reject(new StoreError('The disk is full.'));
      return runs.store.commitStep(id, commit);
    }
    override updateRun(...args: Parameters<IndexedDbStore['updateRun']>) {
      return runs.store.updateRun(...args);
    }
  }

  it('is recorded as failed, keeps what was committed, and is sound again once it goes on', async () => {
    const run = await runs.create({ schedule: { ...SHORT.schedule, save_steps: 1 } });
    const failing = runs.go(run, { into: new FullStore() });
    await expect(failing).rejects.toThrow('The disk is full.');
    expect(await runs.store.getRun(run.id)).toMatchObject({
      status: 'failed',
      step: 1,
      error: 'The disk is full.',
    });
    expect((await runs.go(run)).status).toBe('finished');
    const record = await runs.store.getRun(run.id);
    expect(record).toMatchObject({ status: 'finished', step: STEPS });
    expect(record!.error).toBeUndefined();
  });

  it('is recorded as failed where it is stopped and its state cannot be kept, and goes on from before', async () => {
    const run = await runs.create();
    const control = new RunControl();
    const full = new FullStore();
    full.commitStep = (id, commit) =>
      commit.metrics.step === 1 && commit.checkpoint
        ? Promise.reject(new StoreError('The disk is full.'))
        : runs.store.commitStep(id, commit);
    const told: LabEvent[] = [];
    const on = (event: LabEvent) => {
      told.push(event);
      if (stepOf(event) === 1) control.stop();
    };
    await expect(runs.go(run, { into: full, control, on })).rejects.toThrow('The disk is full.');
    expect(told.at(-1)).toMatchObject({ status: 'failed', error: 'The disk is full.', cannotStore: true });
    expect(await runs.store.getRun(run.id)).toMatchObject({ status: 'failed', step: 1 });
    expect((await runs.go(run)).status).toBe('finished');
  });

  it('says so even where that cannot be stored', async () => {
    class DeadStore extends FullStore {
      override updateRun = () => Promise.reject(new StoreError('The database is gone.'));
    }
    const run = await runs.create();
    const told: LabEvent[] = [];
    const failing = runs.go(run, { into: new DeadStore(), on: (event) => told.push(event) });
    await expect(failing).rejects.toThrow('The database is gone.');
    expect(told.at(-1)).toMatchObject({ status: 'failed', error: 'The database is gone.' });
  });

  it('leaves nothing on the GPU when the model’s tokenizer is damaged', async () => {
    const run = await runs.create();
    const model = { ...tinyDirectory(5), tokenizer: { model: null } };
    await expect(runs.go(run, { model })).rejects.toThrow('tokenizer.json');
    expect(await runs.store.getRun(run.id)).toMatchObject({ status: 'failed', step: 0 });
  });
});
