/** The page's one store: what the worker tells and what is stored, and the commands a person can give. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { KernelCheck, LabApi, LabEvent, RewardTrial } from '../../lab/protocol';
import { forkRun } from '../../lab/fork';
import type { Experiment } from '../../lab/schema';
import type { RewardInput } from '../../rl/reward';
import type { CheckpointInfo, RolloutRecord, RunStore, RunUsage } from '../../store/types';
import { lastValue } from '../charts/rows';
import { comparisonActions, type ComparisonActions } from './comparisons';
import { curvesOf, readLink } from './shared';
import {
  addRollouts,
  initialState,
  mergeMetrics,
  reduce,
  reduceElsewhere,
  type ElsewhereEvent,
  type LabState,
  type OpenRun,
} from './reduce';

export type Command = 'start' | 'continue' | 'pause' | 'unpause' | 'stop';

export interface LabActions {
  /** The command under way, if any. */
  busy: Command | null;
  /** Opens the engine, subscribes to its events and reads the list of runs. */
  connect: () => Promise<void>;
  receive: (event: LabEvent) => void;
  /** What is heard of a run that another tab computes. */
  receiveElsewhere: (event: ElsewhereEvent) => Promise<void>;
  /** Shows what a share link holds; nothing is run or stored. */
  openLink: (fragment: string) => Promise<void>;
  /** Reads the list of runs again. */
  refresh: () => Promise<void>;
  /** Shows a stored run, or none. */
  openRun: (id: string | null) => Promise<void>;
  /** @param keepEvery see `RunRecord` */
  start: (experiment: Experiment, keepEvery?: number) => Promise<void>;
  /** Goes on from the run's last checkpoint. */
  continueRun: (id: string) => Promise<void>;
  /** Starts a run from a kept checkpoint of another, with changed settings. */
  fork: (parent: string, step: number, experiment: Experiment) => Promise<void>;
  /** How much room a run takes. */
  usageOf: (id: string) => Promise<RunUsage>;
  /** Removes all checkpoints of these runs but the newest and those of the steps to keep. */
  prune: (plans: readonly { id: string; keep: readonly number[] }[]) => Promise<void>;
  /** Those that are kept of a run, ascending. */
  checkpointsOf: (id: string) => Promise<CheckpointInfo[]>;
  /** Drops the run's steps after a kept checkpoint, to go on from there. */
  rewind: (id: string, step: number) => Promise<void>;
  command: (name: 'pause' | 'unpause' | 'stop') => Promise<void>;
  rename: (id: string, name: string) => Promise<void>;
  remove: (id: string) => Promise<void>;
  /** Training rollouts of one step of the open run, as stored. */
  rolloutsAt: (step: number) => Promise<RolloutRecord[]>;
  doctor: () => Promise<KernelCheck[]>;
  /** Tries a reward function, in the worker. Rejects when its code cannot be used. */
  testReward: (code: string, inputs: readonly RewardInput[]) => Promise<RewardTrial[]>;
  notify: (message: string | null) => void;
}

export type Lab = LabState & LabActions & ComparisonActions;
export type LabStore = StoreApi<Lab>;

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The store over an engine and a place where runs are kept. Rejected commands become notices.
 * @param tell passes on what this tab's engine tells
 */
export function createLab(
  api: LabApi,
  runs: RunStore,
  tell: (event: LabEvent) => void = () => undefined,
): LabStore {
  return createStore<Lab>((set, get) => {
    const apply = (change: (open: OpenRun) => OpenRun, id: string) =>
      set(({ open }) => (open?.id === id ? { open: change(open) } : {}));

    const listRuns = async () => {
      const list = (await runs.listRuns()).sort((a, b) => b.createdAt - a.createdAt);
      set({ runs: list, listed: true });
      for (const run of list) {
        if (get().accuracy[run.id] !== undefined) continue;
        const accuracy = lastValue(await runs.metrics(run.id), 'eval/greedy/accuracy');
        if (accuracy !== undefined) set((s) => ({ accuracy: { [run.id]: accuracy, ...s.accuracy } }));
      }
    };

    /** Adds what is stored to what has arrived by events in the meantime. */
    const readOpen = async (id: string) => {
      const [metrics, watch] = await Promise.all([runs.metrics(id), runs.rollouts(id, { kind: 'watch' })]);
      const last = metrics.at(-1)?.step ?? 0;
      const train = last > 0 ? await runs.rollouts(id, { kind: 'train', step: last }) : [];
      apply((open) => {
        const live = [...open.watch, ...open.latest];
        const stored = addRollouts({ ...open, watch: [], latest: [] }, [...watch, ...train]);
        return { ...addRollouts(stored, live), metrics: mergeMetrics(metrics, open.metrics), loaded: true };
      }, id);
    };

    const guarded = async (work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        set({ notice: messageOf(error) });
      }
    };

    const during = (busy: Command, work: () => Promise<void>) => {
      set({ busy, notice: null });
      return guarded(work).finally(() => set({ busy: null }));
    };

    /** Another tab may have computed it in the meantime, so what is shown of the run is read again. */
    const resume = async (id: string) => {
      apply((open) => ({ ...open, loaded: false, metrics: [], latest: [], watch: [] }), id);
      comparisons.forget(id);
      try {
        await api.resume(id);
      } finally {
        await Promise.all([get().open?.id === id && readOpen(id), comparisons.read([id])]);
      }
    };

    const comparisons = comparisonActions({ set, get, runs, listRuns, guarded, during, resume });

    return {
      ...initialState,
      ...comparisons.actions,
      busy: null,

      async connect() {
        const engine = async () => {
          try {
            await api.subscribe((event) => {
              get().receive(event);
              tell(event);
            });
            set({ engine: await api.engine() });
          } catch (error) {
            set({ engine: { state: 'unavailable', reason: 'failed', message: messageOf(error) } });
          }
        };
        await Promise.all([engine(), guarded(listRuns)]);
      },

      receive(event) {
        set((state) => reduce(state, event));
        if (event.type === 'run-status' && !get().runs.some((run) => run.id === event.runId))
          void guarded(listRuns);
        if (event.type === 'run-status') void comparisons.follow(event);
      },

      async receiveElsewhere(event) {
        const { runId } = event;
        if (event.type === 'held' && !get().listed) await guarded(listRuns);
        set((state) => reduceElsewhere(state, event));
        const isKnown = get().runs.some((run) => run.id === runId);
        if (event.type === 'released' || (event.type !== 'held' && !isKnown)) await guarded(listRuns);
        if (event.type === 'held' && get().open?.id === runId) await guarded(() => readOpen(runId));
      },

      async openLink(fragment) {
        set({ shared: { fragment, state: 'reading' }, comparing: null, open: null });
        const shared = await readLink(fragment);
        if (get().shared?.fragment === fragment) set({ shared });
      },

      refresh: () => guarded(listRuns),

      async openRun(id) {
        set({ comparing: null, shared: null });
        if (id === (get().open?.id ?? null)) return;
        set({ open: id === null ? null : { id, loaded: false, metrics: [], latest: [], watch: [] } });
        if (id === null) return;
        await guarded(async () => {
          if (await runs.getRun(id)) return readOpen(id);
          set({
            open: null,
            notice:
              'The run named in the address is not stored in this browser. It may have been deleted here or computed elsewhere.',
          });
        });
      },

      start: (experiment, keepEvery) =>
        during('start', async () => {
          const reference = curvesOf(get().shared);
          const id = await api.start(experiment);
          await runs.updateRun(id, { keepEvery, ...(reference && { reference }) });
          await listRuns();
          await get().openRun(id);
        }),

      continueRun: (id) =>
        during('continue', async () => {
          await get().openRun(id);
          await resume(id);
        }),

      fork: (parentId, step, experiment) =>
        during('start', async () => {
          const parent = await runs.getRun(parentId);
          if (!parent) throw new Error('The run to fork is no longer stored. Nothing was changed.');
          const { run } = await forkRun(runs, parent, step, experiment);
          await listRuns();
          await get().openRun(run.id);
          await resume(run.id);
        }),

      usageOf: (id) => runs.usage(id),
      checkpointsOf: (id) => runs.checkpoints(id),
      prune: (plans) =>
        guarded(async () => {
          for (const { id, keep } of plans) await runs.pruneCheckpoints(id, keep);
          await listRuns();
        }),

      rewind: (id, step) =>
        guarded(async () => {
          await runs.truncateAfter(id, step);
          await runs.updateRun(id, { status: 'stopped', error: undefined });
          const others = Object.entries(get().accuracy).filter(([run]) => run !== id);
          set({ accuracy: Object.fromEntries(others) });
          get().receive({ type: 'truncated', runId: id, step });
          await Promise.all([listRuns(), get().open?.id === id && readOpen(id)]);
        }),

      command(name) {
        if (name === 'stop') set({ queue: null });
        return during(name, () => api[name]());
      },

      rename: (id, name) =>
        guarded(async () => {
          await runs.updateRun(id, { name });
          await listRuns();
        }),

      remove: (id) =>
        guarded(async () => {
          await runs.deleteRun(id);
          if (get().open?.id === id) set({ open: null });
          await listRuns();
        }),

      rolloutsAt: (step) => runs.rollouts(get().open?.id ?? '', { step, kind: 'train' }),
      doctor: () => api.doctor(),
      testReward: (code, inputs) => api.testReward(code, inputs),
      notify: (notice) => set({ notice }),
    };
  });
}
