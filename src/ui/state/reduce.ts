/** What the page knows, and how one event of the worker changes it. */
import type { StepMetrics } from '../../lab/metrics';
import type { EngineStatus, LabEvent } from '../../lab/protocol';
import type { RolloutRecord, RunRecord, RunStatus } from '../../store/types';
import type { OpenedLink } from './shared';

export type Phase = Extract<LabEvent, { type: 'progress' }>['phase'];

/** The run the worker holds: running or paused. */
export interface LiveRun {
  runId: string;
  status: 'running' | 'paused';
  /** Last finished step. */
  step: number;
  maxSteps: number;
  phase: { name: Phase; done: number; total: number } | null;
}

/** What is heard of runs in other tabs: what their workers tell, and who holds a run's lock. */
export type ElsewhereEvent = LabEvent | { type: 'held'; runId: string } | { type: 'released'; runId: string };

/** The run the page shows. */
export interface OpenRun {
  id: string;
  /** False until the stored part has been read. */
  loaded: boolean;
  /** Ascending by step. */
  metrics: StepMetrics[];
  /** Training rollouts of the newest step. */
  latest: RolloutRecord[];
  /** Watched problems at all evaluations, ascending by step. */
  watch: RolloutRecord[];
}

/** What the Compare view shows: the catalogue to plan from, a planned comparison, or runs chosen by hand. */
export type Comparing =
  { kind: 'setup' } | { kind: 'comparison'; id: string } | { kind: 'runs'; ids: readonly string[] };

/** A comparison whose unfinished runs are computed one after the other. */
export interface Queue {
  comparison: string;
  /** Runs that have had their turn: a failed one does not get another. */
  tried: readonly string[];
}

export interface LabState {
  engine: EngineStatus | { state: 'starting' };
  runs: RunRecord[];
  /** False until the list of stored runs has been read. */
  listed: boolean;
  /** Newest greedy evaluation accuracy by run id. */
  accuracy: Record<string, number>;
  open: OpenRun | null;
  live: LiveRun | null;
  /** Runs that other tabs compute, by id. */
  elsewhere: Readonly<Record<string, LiveRun>>;
  /** Null while the page shows a single run. */
  comparing: Comparing | null;
  /** A share link that was opened, until something else is shown. */
  shared: OpenedLink | null;
  /** Metrics of the runs that lie side by side, by run id. */
  compared: Readonly<Record<string, StepMetrics[]>>;
  queue: Queue | null;
  /** Something the reader has to know, until dismissed. */
  notice: string | null;
}

export const initialState: LabState = {
  engine: { state: 'starting' },
  runs: [],
  listed: false,
  accuracy: {},
  open: null,
  live: null,
  elsewhere: {},
  comparing: null,
  shared: null,
  compared: {},
  queue: null,
  notice: null,
};

/** The run as this tab's worker or another tab's holds it; null when nobody computes it. */
export function heldRun(
  { live, elsewhere }: Pick<LabState, 'live' | 'elsewhere'>,
  id: string,
): LiveRun | null {
  if (live?.runId === id) return live;
  return Object.hasOwn(elsewhere, id) ? elsewhere[id] : null;
}

export type ShownStatus = RunStatus | 'interrupted';

/** A stored run that claims to run while no worker holds it was cut off: by a reload, a closed tab, a crash. */
export function shownStatus(run: RunRecord, live: LiveRun | null): ShownStatus {
  if (live?.runId === run.id) return live.status;
  return run.status === 'running' || run.status === 'paused' ? 'interrupted' : run.status;
}

/** The next state; never changes the one given. Events of runs that are not open touch only the list and the progress. */
export function reduce(state: LabState, event: LabEvent): LabState {
  switch (event.type) {
    case 'run-status':
      return reduceStatus(state, event);
    case 'progress': {
      if (state.live?.runId !== event.runId) return state;
      const phase = { name: event.phase, done: event.done, total: event.total };
      return { ...state, live: { ...state.live, phase } };
    }
    case 'step': {
      const { step } = event.metrics;
      const accuracy = event.metrics['eval/greedy/accuracy'];
      return {
        ...state,
        runs: patchRun(state.runs, event.runId, {}, step),
        accuracy: accuracy === undefined ? state.accuracy : { ...state.accuracy, [event.runId]: accuracy },
        live:
          state.live?.runId === event.runId
            ? { ...state.live, step: Math.max(state.live.step, step) }
            : state.live,
        open: onOpen(state.open, event.runId, (open) => ({
          ...open,
          metrics: mergeMetrics(open.metrics, [event.metrics]),
        })),
        compared: mergeCompared(state.compared, event.runId, [event.metrics]),
      };
    }
    case 'rollouts':
      return { ...state, open: onOpen(state.open, event.runId, (open) => addRollouts(open, event.rollouts)) };
    case 'truncated':
      return reduceTruncated(state, event);
    case 'note':
      return { ...state, notice: event.message };
  }
}

/** As `reduce`, for what another tab's worker tells: it touches the progress of that tab's run, not of this tab's. */
export function reduceElsewhere(state: LabState, event: ElsewhereEvent): LabState {
  if (event.type === 'note' || event.runId === state.live?.runId) return state;
  const { [event.runId]: before, ...others } = state.elsewhere;
  const put = (run: LiveRun | null) => (run ? { ...others, [run.runId]: run } : others);
  if (event.type === 'released') return { ...state, elsewhere: others };
  if (event.type === 'held') {
    const { runId } = event;
    const step = state.runs.find(({ id }) => id === runId)?.step ?? 0;
    const held: LiveRun = { runId, status: 'running', step, maxSteps: 0, phase: null };
    return { ...state, elsewhere: put(before ?? held) };
  }
  const next = reduce({ ...state, live: before ?? null }, event);
  return {
    ...next,
    live: state.live,
    elsewhere: next.live === (before ?? null) ? state.elsewhere : put(next.live),
  };
}

function reduceStatus(state: LabState, event: Extract<LabEvent, { type: 'run-status' }>): LabState {
  const { runId, status, step, maxSteps, error } = event;
  const runs = patchRun(state.runs, runId, { status, error }, step);
  if (status === 'running' || status === 'paused') {
    const before = state.live?.runId === runId ? state.live : null;
    return {
      ...state,
      runs,
      live: {
        runId,
        status,
        step: Math.max(step, before?.step ?? 0),
        maxSteps,
        phase: before?.phase ?? null,
      },
    };
  }
  return { ...state, runs, live: state.live?.runId === runId ? null : state.live };
}

function reduceTruncated(
  state: LabState,
  { runId, step }: Extract<LabEvent, { type: 'truncated' }>,
): LabState {
  const upTo = <T extends { step: number }>(rows: readonly T[]) => rows.filter((row) => row.step <= step);
  const { compared } = state;
  return {
    ...state,
    runs: patchRun(state.runs, runId, { step }),
    open: onOpen(state.open, runId, (open) => ({
      ...open,
      metrics: upTo(open.metrics),
      latest: upTo(open.latest),
      watch: upTo(open.watch),
    })),
    compared: Object.hasOwn(compared, runId) ? { ...compared, [runId]: upTo(compared[runId]) } : compared,
  };
}

const onOpen = (open: OpenRun | null, runId: string, change: (open: OpenRun) => OpenRun): OpenRun | null =>
  open?.id === runId ? change(open) : open;

/** Runs that do not lie side by side are left out. */
export function mergeCompared(
  compared: LabState['compared'],
  runId: string,
  newer: StepMetrics[],
): LabState['compared'] {
  if (!Object.hasOwn(compared, runId)) return compared;
  return { ...compared, [runId]: mergeMetrics(compared[runId], newer) };
}

/** @param reached while steps are computed again, the step that is stored may be further */
const patchRun = (runs: RunRecord[], id: string, patch: Partial<RunRecord>, reached = 0): RunRecord[] =>
  runs.map((run) => (run.id === id ? { ...run, step: Math.max(run.step, reached), ...patch } : run));

/** Union by step, ascending; where both have a step, `newer` wins. */
export function mergeMetrics(older: StepMetrics[], newer: StepMetrics[]): StepMetrics[] {
  const last = older.at(-1);
  if (newer.length === 1 && (!last || last.step < newer[0].step)) return [...older, newer[0]];
  const byStep = new Map(older.map((m) => [m.step, m]));
  for (const m of newer) byStep.set(m.step, m);
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

/** Keeps the newest step's training rollouts and every watched answer. */
export function addRollouts(open: OpenRun, rollouts: RolloutRecord[]): OpenRun {
  const train = rollouts.filter((r) => r.kind === 'train');
  const newest = train.reduce((step, r) => Math.max(step, r.step), open.latest[0]?.step ?? 0);
  const added = train.filter((r) => r.step === newest);
  const watch = new Map(open.watch.map((r) => [`${r.step} ${r.problemId}`, r]));
  for (const r of rollouts) if (r.kind === 'watch') watch.set(`${r.step} ${r.problemId}`, r);
  return {
    ...open,
    latest: added.length > 0 ? added : open.latest,
    watch: [...watch.values()].sort((a, b) => a.step - b.step),
  };
}
