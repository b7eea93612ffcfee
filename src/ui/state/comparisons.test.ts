import 'fake-indexeddb/auto';
import { beforeEach, expect, it } from 'vitest';
import { plannedRuns } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import { newRun } from '../../lab/new-run';
import type { LabApi, LabEvent } from '../../lab/protocol';
import { IndexedDbStore, type RunStatus } from '../../store';
import { addressOf, comparingInHash } from './hash';
import { createLab, type LabStore } from './lab';
import { storedComparisons } from './membership';

let database = 0;
let store: IndexedDbStore;
let emit: (event: LabEvent) => void;
let resumed: string[];
let lab: LabStore;

const nothing = () => Promise.resolve();
/** An engine that begins a run when told, and ends it when the test says so. */
const engine: LabApi = {
  engine: () =>
    Promise.resolve({
      state: 'ready',
      adapter: { vendor: 'v', architecture: 'a', description: '', features: [], limits: {} },
    }),
  resume: async (id) => {
    resumed.push(id);
    await tell(id, 'running', 0);
  },
  stop: () => tell(resumed.at(-1)!, 'stopped', 1),
  subscribe: (listener) => {
    emit = listener;
    return nothing();
  },
  start: () => Promise.reject(new Error('not asked for here')),
  doctor: () => Promise.resolve([]),
  pause: nothing,
  unpause: nothing,
} as Partial<LabApi> as LabApi;

async function tell(runId: string, status: RunStatus, step: number, cannotStore = false): Promise<void> {
  await store.updateRun(runId, { status });
  emit({ type: 'run-status', runId, status, step, maxSteps: 3, cannotStore });
}

/** The run under way makes a step and ends. */
async function end(status: RunStatus): Promise<void> {
  const runId = resumed.at(-1)!;
  const metrics = { step: 1, 'eval/sampled/accuracy': resumed.length / 10 };
  await store.commitStep(runId, { metrics });
  emit({ type: 'step', runId, metrics });
  await tell(runId, status, 1);
  await expect.poll(() => lab.getState().busy).toBeNull();
}

const planned = plannedRuns(COMPARISONS['reference-refresh'], [0], { schedule: { max_steps: 3 } });
const begin = () => lab.getState().planComparison('reference-refresh', planned, 20);
const statuses = () =>
  Object.fromEntries(
    storedComparisons(lab.getState().runs)[0].members.map(({ arm, run }) => [arm, run.status]),
  );

beforeEach(async () => {
  resumed = [];
  store = new IndexedDbStore({ name: `comparisons-${database++}` });
  lab = createLab(engine, store);
  await lab.getState().connect();
});

it('keeps its runs as queued, computes them one after the other, and holds their metrics', async () => {
  await begin();
  expect(statuses()).toEqual({ 'fixed reference': 'running', refreshed: 'queued' });
  expect(lab.getState().comparing?.kind).toBe('comparison');
  expect(lab.getState().runs.map(({ keepEvery }) => keepEvery)).toEqual([20, 20]);
  await end('finished');
  expect(statuses()).toEqual({ 'fixed reference': 'finished', refreshed: 'running' });
  await end('finished');
  expect(lab.getState().queue).toBeNull();
  const accuracies = resumed.map((id) => lab.getState().compared[id].map((m) => m['eval/sampled/accuracy']));
  expect(accuracies).toEqual([[0.1], [0.2]]);
});

it('goes on after a run that fails, does not try it twice, and tries it again when told', async () => {
  await begin();
  await end('failed');
  await end('finished');
  expect(lab.getState().queue).toBeNull();
  expect(statuses()).toEqual({ 'fixed reference': 'failed', refreshed: 'finished' });
  const [failed] = resumed;
  await lab.getState().runQueue(storedComparisons(lab.getState().runs)[0].id);
  expect(resumed.at(-1)).toBe(failed);
});

it('ends the queue where nothing can be stored, and goes on with the same run', async () => {
  await begin();
  const [full] = resumed;
  await tell(full, 'failed', 0, true);
  expect(lab.getState().queue).toBeNull();
  expect(resumed).toEqual([full]);
  await lab.getState().runQueue(storedComparisons(lab.getState().runs)[0].id);
  expect(resumed).toEqual([full, full]);
});

it('a stop ends the queue; after a reload it goes on with what is unfinished', async () => {
  await begin();
  await lab.getState().command('stop');
  expect(lab.getState().queue).toBeNull();
  expect(resumed).toHaveLength(1);

  const address = addressOf(lab.getState());
  lab = createLab(engine, store);
  const view = comparingInHash(`#${address}`)!;
  await lab.getState().compare(view);
  expect(lab.getState().comparing).toEqual(view);
  await lab.getState().connect();
  await lab.getState().runQueue(storedComparisons(lab.getState().runs)[0].id);
  expect(resumed[1]).toBe(resumed[0]);
  await end('finished');
  await end('finished');
  expect(statuses()).toEqual({ 'fixed reference': 'finished', refreshed: 'finished' });
});

it('takes over equal stored runs, and finds itself again when planned twice', async () => {
  await begin();
  await end('finished');
  await end('finished');
  const alone = {
    ...COMPARISONS['reference-refresh'],
    arms: COMPARISONS['reference-refresh'].arms.slice(0, 1),
  };
  const equal = plannedRuns(alone, [0, 1], { schedule: { max_steps: 3 } });
  await lab.getState().planComparison('baseline', equal);
  expect(resumed).toHaveLength(3);
  expect(lab.getState().runs).toHaveLength(3);
  await end('finished');

  await begin();
  expect(lab.getState().runs).toHaveLength(3);
  expect(storedComparisons(lab.getState().runs)).toHaveLength(2);
  expect(resumed).toHaveLength(3);

  const shared = storedComparisons(lab.getState().runs).find(({ name }) => name === 'baseline')!;
  await lab.getState().removeComparison(shared.id);
  expect(lab.getState().runs).toHaveLength(2);
  expect(storedComparisons(lab.getState().runs)).toHaveLength(1);
});

it('does not take a run of another framework for its own', async () => {
  const [{ experiment }] = planned;
  await store.createRun({ ...newRun(experiment, 'TRL'), status: 'finished' });
  await begin();
  expect(statuses()).toEqual({ 'fixed reference': 'running', refreshed: 'queued' });
  expect(lab.getState().runs).toHaveLength(3);
});

it.each(['compare', 'compare=abc', 'runs=a,b'])('#%s names what is shown', (address) => {
  expect(addressOf({ comparing: comparingInHash(`#${address}`), open: null, shared: null })).toBe(address);
});

it.each(['', '#', '#run=x', '#runs=', '#runs=,'])('%j is no comparison', (hash) => {
  expect(comparingInHash(hash)).toBeNull();
});
