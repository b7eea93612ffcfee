import { describe, expect, it } from 'vitest';
import type { LabEvent } from '../../lab/protocol';
import type { RolloutRecord, RunRecord } from '../../store/types';
import {
  heldRun,
  initialState,
  mergeMetrics,
  reduce,
  reduceElsewhere,
  shownStatus,
  type ElsewhereEvent,
  type LabState,
} from './reduce';

const run = (id: string, patch: Partial<RunRecord> = {}): RunRecord => ({
  id,
  name: id,
  experiment: {},
  status: 'running',
  step: 0,
  createdAt: 0,
  updatedAt: 0,
  adapter: 'test',
  ...patch,
});

const rollout = (patch: Partial<RolloutRecord>): RolloutRecord => ({
  step: 1,
  kind: 'train',
  problemId: '9,8,2->1',
  prompt: '9 8 2 -> 1 A:',
  response: '\\boxed{ ( 9 - 8 ) }',
  length: 9,
  finished: true,
  reward: 0,
  rewards: { answer: 0 },
  advantage: 0,
  correct: false,
  verdict: 'wrong',
  equations: { right: 0, total: 0 },
  ...patch,
});

const opened: LabState = {
  ...initialState,
  runs: [run('a'), run('b')],
  open: { id: 'a', loaded: true, metrics: [], latest: [], watch: [] },
};
const play = (events: LabEvent[], from = opened) => events.reduce(reduce, from);
const started: LabEvent = { type: 'run-status', runId: 'a', status: 'running', step: 0, maxSteps: 60 };

describe('events of the worker', () => {
  it('follow a run from its start to its end', () => {
    const live = play([
      started,
      { type: 'progress', runId: 'a', step: 0, phase: 'evaluating', done: 3, total: 8 },
      { type: 'step', runId: 'a', metrics: { step: 0, 'eval/greedy/accuracy': 0.13 } },
      { type: 'step', runId: 'a', metrics: { step: 1, reward: 0.2 } },
    ]);
    expect(live.live).toEqual({
      runId: 'a',
      status: 'running',
      step: 1,
      maxSteps: 60,
      phase: { name: 'evaluating', done: 3, total: 8 },
    });
    expect(live.open?.metrics.map((m) => m.step)).toEqual([0, 1]);
    expect(live.accuracy).toEqual({ a: 0.13 });
    const done = play([{ type: 'run-status', runId: 'a', status: 'finished', step: 60, maxSteps: 60 }], live);
    expect(done.live).toBeNull();
    expect(done.runs[0]).toMatchObject({ status: 'finished', step: 60 });
  });

  it('touch only the list when another run is open', () => {
    const state = play([
      { type: 'step', runId: 'b', metrics: { step: 4 } },
      { type: 'rollouts', runId: 'b', rollouts: [rollout({ step: 4 })] },
    ]);
    expect(state.open).toBe(opened.open);
    expect(state.runs[1].step).toBe(4);
  });

  it('never turn the step back, whatever the order of types', () => {
    expect(
      play([started, { type: 'step', runId: 'a', metrics: { step: 5 } }, { ...started, step: 4 }]).live?.step,
    ).toBe(5);
  });

  it('keep the newest training rollouts and all watched answers', () => {
    const state = play([
      { type: 'rollouts', runId: 'a', rollouts: [rollout({ kind: 'watch', step: 0 }), rollout({ step: 1 })] },
      { type: 'rollouts', runId: 'a', rollouts: [rollout({ step: 3, reward: 1 }), rollout({ step: 3 })] },
      {
        type: 'rollouts',
        runId: 'a',
        rollouts: [rollout({ kind: 'watch', step: 10 }), rollout({ step: 2 })],
      },
    ]);
    expect(state.open?.latest.map((r) => [r.step, r.reward])).toEqual([
      [3, 1],
      [3, 0],
    ]);
    expect(state.open?.watch.map((r) => r.step)).toEqual([0, 10]);
  });

  it('keep the reason of a failure with the run', () => {
    const state = play([
      started,
      { type: 'run-status', runId: 'a', status: 'failed', step: 7, maxSteps: 60, error: 'out of memory' },
    ]);
    expect(state.runs[0].error).toBe('out of memory');
  });

  it('show a note as a notice', () => {
    const note = { type: 'note', runId: 'a', message: 'The graphics device was lost.' } as const;
    expect(play([note]).notice).toBe('The graphics device was lost.');
  });

  it('take back steps that are no longer stored', () => {
    const state = play([
      { type: 'step', runId: 'a', metrics: { step: 5 } },
      { type: 'step', runId: 'a', metrics: { step: 6 } },
      { type: 'truncated', runId: 'a', step: 5 },
    ]);
    expect(state.runs.find(({ id }) => id === 'a')?.step).toBe(5);
  });
});

describe('shown status', () => {
  it('calls a run that nobody computes interrupted', () => {
    expect(shownStatus(run('a', { status: 'running' }), null)).toBe('interrupted');
    expect(shownStatus(run('a', { status: 'paused' }), null)).toBe('interrupted');
    expect(shownStatus(run('a', { status: 'finished' }), null)).toBe('finished');
    expect(shownStatus(run('a'), play([started]).live)).toBe('running');
  });
});

describe('mergeMetrics', () => {
  it('is a union by step in which the newer line wins', () => {
    const merged = mergeMetrics([{ step: 0 }, { step: 2, reward: 1 }], [{ step: 2, reward: 3 }, { step: 1 }]);
    expect(merged).toEqual([{ step: 0 }, { step: 1 }, { step: 2, reward: 3 }]);
  });
});

describe('a run in another tab', () => {
  const hear = (...events: ElsewhereEvent[]) =>
    events.reduce(reduceElsewhere, { ...initialState, runs: [run('a'), run('b')] });
  const step = (n: number): ElsewhereEvent => ({ type: 'step', runId: 'a', metrics: { step: n } });

  it('is shown as that tab has it, and is not this tab’s', () => {
    const state = hear(started, step(3), {
      type: 'progress',
      runId: 'a',
      step: 4,
      phase: 'sampling',
      done: 1,
      total: 8,
    });
    expect(state.live).toBeNull();
    expect(heldRun(state, 'a')).toMatchObject({
      status: 'running',
      step: 3,
      phase: { name: 'sampling', done: 1 },
    });
    expect(state.runs[0].step).toBe(3);
    expect(heldRun(state, 'b')).toBeNull();
  });

  it('is known by its lock before anything is told', () => {
    const state = hear({ type: 'held', runId: 'a' });
    expect(shownStatus(state.runs[0], heldRun(state, 'a'))).toBe('running');
  });

  it('is nobody’s once its lock is free, and ends where that tab says so', () => {
    expect(heldRun(hear(started, { type: 'released', runId: 'a' }), 'a')).toBeNull();
    const ended = hear(started, { type: 'run-status', runId: 'a', status: 'finished', step: 9, maxSteps: 9 });
    expect(heldRun(ended, 'a')).toBeNull();
    expect(ended.runs[0].status).toBe('finished');
  });

  it('does not touch this tab’s own run, nor its notices', () => {
    const own = reduce(initialState, { ...started, runId: 'own' });
    const state = [started, step(5), { type: 'note', runId: 'a', message: 'm' } as const].reduce(
      reduceElsewhere,
      own,
    );
    expect(state.live).toEqual(own.live);
    expect(state.notice).toBeNull();
  });
});
