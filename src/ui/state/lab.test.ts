import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LabApi, LabEvent } from '../../lab/protocol';
import { parseExperiment } from '../../lab/schema';
import { IndexedDbStore, type RolloutRecord, type RunRecord } from '../../store';
import { runInHash } from './hash';
import { createLab } from './lab';

let database = 0;
let store: IndexedDbStore;
let emit: (event: LabEvent) => void;
let calls: string[];

/** An engine that only writes down what it is asked and creates the record of a started run. */
function scriptedEngine(overrides: Partial<LabApi> = {}): LabApi {
  const note = (name: string) => () => Promise.resolve(void calls.push(name));
  return {
    engine: () =>
      Promise.resolve({
        state: 'ready',
        adapter: { vendor: 'v', architecture: 'a', description: '', features: [], limits: {} },
      }),
    doctor: () => Promise.resolve([]),
    testReward: () => Promise.resolve([]),
    start: async (experiment) => {
      await store.createRun({ ...record('new'), name: experiment.name });
      return 'new';
    },
    resume: note('resume'),
    pause: note('pause'),
    unpause: note('unpause'),
    stop: note('stop'),
    subscribe: (listener) => {
      emit = listener;
      return Promise.resolve();
    },
    ...overrides,
  };
}

const record = (id: string): RunRecord => ({
  id,
  name: id,
  experiment: parseExperiment({}),
  status: 'running',
  step: 0,
  createdAt: 1,
  updatedAt: 1,
  adapter: 'test',
});

const rollout = (step: number, kind: RolloutRecord['kind']): RolloutRecord => ({
  step,
  kind,
  problemId: 'p',
  prompt: 'p',
  response: 'r',
  length: 1,
  finished: true,
  reward: 0,
  rewards: {},
  advantage: 0,
  correct: false,
  verdict: '',
  equations: { right: 0, total: 0 },
});

beforeEach(async () => {
  calls = [];
  store = new IndexedDbStore({ name: `lab-${database++}` });
  await store.createRun(record('old'));
  await store.commitStep('old', {
    metrics: { step: 0, 'eval/greedy/accuracy': 0.2 },
    rollouts: [rollout(0, 'watch')],
  });
  await store.commitStep('old', { metrics: { step: 1, reward: 0.5 }, rollouts: [rollout(1, 'train')] });
});

describe('the page’s store', () => {
  it('lists stored runs with their newest accuracy', async () => {
    const lab = createLab(scriptedEngine(), store);
    await lab.getState().connect();
    expect(lab.getState()).toMatchObject({
      engine: { state: 'ready' },
      listed: true,
      accuracy: { old: 0.2 },
    });
    expect(lab.getState().runs.map((r) => [r.id, r.step])).toEqual([['old', 1]]);
  });

  it('opens a run as stored, with what arrived meanwhile', async () => {
    const lab = createLab(scriptedEngine(), store);
    await lab.getState().connect();
    const opening = lab.getState().openRun('old');
    emit({ type: 'step', runId: 'old', metrics: { step: 2, reward: 0.6 } });
    emit({ type: 'rollouts', runId: 'old', rollouts: [rollout(2, 'train')] });
    await opening;
    const { open } = lab.getState();
    expect(open?.metrics.map((m) => m.step)).toEqual([0, 1, 2]);
    expect(open?.latest.map((r) => r.step)).toEqual([2]);
    expect(open?.watch.map((r) => r.step)).toEqual([0]);
    expect((await lab.getState().rolloutsAt(1)).map((r) => r.step)).toEqual([1]);
  });

  it('starts a run and opens it', async () => {
    const lab = createLab(scriptedEngine(), store);
    await lab.getState().connect();
    await lab.getState().start(parseExperiment({ name: 'mine' }));
    expect(lab.getState().open?.id).toBe('new');
    expect(lab.getState().runs.map((r) => r.name)).toContain('mine');
    expect(lab.getState().busy).toBeNull();
  });

  it('turns a refused command into a notice', async () => {
    const lab = createLab(
      scriptedEngine({ start: () => Promise.reject(new Error('A run is active. Stop it first.')) }),
      store,
    );
    await lab.getState().connect();
    await lab.getState().start(parseExperiment({}));
    expect(lab.getState()).toMatchObject({
      notice: 'A run is active. Stop it first.',
      busy: null,
      open: null,
    });
  });

  it('continues from storage: steps after the checkpoint are gone', async () => {
    const lab = createLab(scriptedEngine({ resume: (id) => store.truncateAfter(id, 0) }), store);
    await lab.getState().connect();
    await lab.getState().openRun('old');
    await lab.getState().continueRun('old');
    expect(lab.getState().open?.metrics.map((m) => m.step)).toEqual([0]);
  });

  it('renames and deletes', async () => {
    const lab = createLab(scriptedEngine(), store);
    await lab.getState().connect();
    await lab.getState().openRun('old');
    await lab.getState().rename('old', 'better name');
    expect(lab.getState().runs[0].name).toBe('better name');
    await lab.getState().remove('old');
    expect(lab.getState()).toMatchObject({ runs: [], open: null });
  });

  it('says so when the address names a run that is not here', async () => {
    const lab = createLab(scriptedEngine(), store);
    await lab.getState().openRun(runInHash('#run=elsewhere'));
    expect(lab.getState().open).toBeNull();
    expect(lab.getState().notice).toMatch(/not stored in this browser/);
  });

  it('stays readable when the engine cannot start', async () => {
    const lab = createLab(
      scriptedEngine({ engine: () => Promise.reject(new Error('worker not loaded')) }),
      store,
    );
    await lab.getState().connect();
    expect(lab.getState().engine).toEqual({
      state: 'unavailable',
      reason: 'failed',
      message: 'worker not loaded',
    });
    expect(lab.getState().runs).toHaveLength(1);
  });
});
