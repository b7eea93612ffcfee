/** Comparisons on the page: planned as queued runs, computed one after the other, laid side by side. */
import type { PlannedRun } from '../../lab/comparisons/arms';
import type { RunRecord, RunStatus, RunStore } from '../../store/types';
import type { Command, Lab } from './lab';
import { equalRun, storedComparisons, type StoredComparison } from './membership';
import { heldRun, mergeCompared, shownStatus, type Comparing } from './reduce';

export interface ComparisonActions {
  /** Shows the Compare view, or leaves it. */
  compare: (view: Comparing | null) => Promise<void>;
  /**
   * Keeps the planned runs of a comparison of the catalogue, taking over equal stored ones, and computes the rest.
   * @param keepEvery of the new runs; see `RunRecord`
   */
  planComparison: (name: string, planned: readonly PlannedRun[], keepEvery?: number) => Promise<void>;
  /** Computes what is unfinished, each run from its last checkpoint. */
  runQueue: (comparison: string) => Promise<void>;
  /** Removes the comparison and its runs, but for those that another comparison shares. */
  removeComparison: (id: string) => Promise<void>;
}

interface Deps {
  set: (change: Partial<Lab> | ((lab: Lab) => Partial<Lab>)) => void;
  get: () => Lab;
  runs: RunStore;
  listRuns: () => Promise<void>;
  guarded: (work: () => Promise<void>) => Promise<void>;
  during: (busy: Command, work: () => Promise<void>) => Promise<void>;
  resume: (id: string) => Promise<void>;
}

/** The commands, and what the rest of the page's store has to tell them. */
export function comparisonActions({ set, get, runs, listRuns, guarded, during, resume }: Deps) {
  const find = (id: string) => storedComparisons(get().runs).find((stored) => stored.id === id);

  /** Adds what is stored to what has arrived by events in the meantime. */
  const read = async (ids: readonly string[]) => {
    for (const id of ids.filter((id) => Object.hasOwn(get().compared, id))) {
      const stored = await runs.metrics(id);
      set(({ compared }) => ({
        compared: Object.hasOwn(compared, id)
          ? mergeCompared({ ...compared, [id]: stored }, id, compared[id])
          : compared,
      }));
    }
  };

  const forget = (id: string) =>
    set(({ compared }) => (Object.hasOwn(compared, id) ? { compared: { ...compared, [id]: [] } } : {}));

  const next = async () => {
    const { queue } = get();
    if (!queue) return;
    const run = find(queue.comparison)
      ?.members.map((member) => member.run)
      .find((run) => isUnfinished(run, get()) && !queue.tried.includes(run.id));
    if (!run) return set({ queue: null });
    set({ queue: { ...queue, tried: [...queue.tried, run.id] } });
    await during('continue', async () => {
      try {
        await resume(run.id);
      } catch (error) {
        set({ queue: null });
        throw error;
      }
    });
  };

  /** After a run's end the next one begins; a stop ends the queue too, and so does a store that takes nothing. */
  const follow = async ({ status, cannotStore = false }: { status: RunStatus; cannotStore?: boolean }) => {
    if (status === 'stopped' || cannotStore) set({ queue: null });
    else if (status === 'finished' || status === 'failed') await next();
  };

  const keep = async (
    name: string,
    planned: readonly PlannedRun[],
    keepEvery: number | undefined,
  ): Promise<string> => {
    await listRuns();
    const stored = get().runs;
    const places = planned.map((run) => ({ ...run, equal: equalRun(run.experiment, stored) }));
    const known = storedComparisons(stored).find((old) => old.name === name && hasPlaces(old, places));
    if (known) return known.id;
    const id = crypto.randomUUID();
    const now = Date.now();
    for (const [i, { arm, experiment, equal }] of places.entries()) {
      const membership = { id, name, arm };
      if (equal) {
        const { comparisons = [], updatedAt } = equal;
        await runs.updateRun(equal.id, { comparisons: [...comparisons, membership], updatedAt });
      } else {
        await runs.createRun({
          id: crypto.randomUUID(),
          name: experiment.name,
          experiment,
          status: 'queued',
          step: 0,
          // One apart, so that the queue keeps its order.
          createdAt: now + i,
          updatedAt: now,
          adapter: '',
          comparisons: [membership],
          keepEvery,
        });
      }
    }
    await listRuns();
    return id;
  };

  const actions: ComparisonActions = {
    async compare(view) {
      set({ comparing: view, shared: null });
      await guarded(async () => {
        if (!get().listed) await listRuns();
        const shown = view ? runsOf(view, find) : [];
        set(({ compared }) => ({
          compared: Object.fromEntries(shown.map((id) => [id, compared[id] ?? []])),
        }));
        await read(shown);
      });
    },

    async planComparison(name, planned, keepEvery) {
      let id: string | undefined;
      await during('start', async () => {
        id = await keep(name, planned, keepEvery);
        await get().compare({ kind: 'comparison', id });
      });
      if (id !== undefined) await get().runQueue(id);
    },

    runQueue(comparison) {
      set({ queue: { comparison, tried: [] } });
      return next();
    },

    removeComparison: (id) =>
      guarded(async () => {
        for (const { run } of find(id)?.members ?? []) {
          const others = (run.comparisons ?? []).filter((membership) => membership.id !== id);
          if (others.length) await runs.updateRun(run.id, { comparisons: others, updatedAt: run.updatedAt });
          else await get().remove(run.id);
        }
        await listRuns();
        await get().compare({ kind: 'setup' });
      }),
  };
  return { actions, read, forget, follow };
}

/** Queued, stopped, failed or cut off: what a queue computes. */
export function isUnfinished(run: RunRecord, lab: Pick<Lab, 'live' | 'elsewhere'>): boolean {
  return ['queued', 'stopped', 'failed', 'interrupted'].includes(shownStatus(run, heldRun(lab, run.id)));
}

function runsOf(view: Comparing, find: (id: string) => StoredComparison | undefined): readonly string[] {
  switch (view.kind) {
    case 'setup':
      return [];
    case 'comparison':
      return find(view.id)?.members.map(({ run }) => run.id) ?? [];
    case 'runs':
      return view.ids;
  }
}

/** Whether a stored comparison is made of exactly the runs that these places would take over. */
function hasPlaces(
  { members }: StoredComparison,
  places: readonly { arm: string; equal: RunRecord | undefined }[],
): boolean {
  return (
    members.length === places.length &&
    places.every(({ arm, equal }) => members.some((m) => m.arm === arm && m.run.id === equal?.id))
  );
}
