/** Stored runs as parts of comparisons: which belong together, and which of them compute the same. */
import { sameComputation } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import { readExperiment, type Experiment } from '../../lab/schema';
import { isForeign } from '../../share/logs/foreign';
import type { RunRecord } from '../../store/types';
import { groupBy } from '../../groupBy';

const read = new WeakMap<object, Experiment | undefined>();
const computations = new WeakMap<Experiment, string>();

/** The run's document, read once; undefined when it cannot be read. */
export function experimentOf({ experiment }: RunRecord): Experiment | undefined {
  if (typeof experiment !== 'object' || experiment === null) return undefined;
  if (!read.has(experiment)) read.set(experiment, readExperiment(experiment));
  return read.get(experiment);
}

export interface Member {
  run: RunRecord;
  arm: string;
}

export interface StoredComparison {
  id: string;
  /** In the catalogue. */
  name: string;
  title: string;
  /** In the order of planning, which is the order of computing. */
  members: Member[];
}

/** What a comparison of the catalogue is called; one that is no longer there goes by its name. */
export const titleOf = (name: string): string =>
  Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name].title : name;

/** Newest first. */
export function storedComparisons(runs: readonly RunRecord[]): StoredComparison[] {
  const memberships = runs.flatMap((run) => (run.comparisons ?? []).map((of) => ({ run, ...of })));
  const planned = (members: readonly Member[]) => Math.max(...members.map(({ run }) => run.createdAt));
  return [...groupBy(memberships, ({ id }) => id)]
    .map(([id, members]) => ({
      id,
      name: members[0].name,
      title: titleOf(members[0].name),
      members: members
        .map(({ run, arm }) => ({ run, arm }))
        .sort((a, b) => a.run.createdAt - b.run.createdAt),
    }))
    .sort((a, b) => planned(b.members) - planned(a.members));
}

function computationOf(experiment: Experiment): string {
  const known = computations.get(experiment);
  if (known !== undefined) return known;
  const computation = sameComputation(experiment);
  computations.set(experiment, computation);
  return computation;
}

/** A stored run of the same computation; of several a finished one, else the one that is furthest. */
export function equalRun(experiment: Experiment, runs: readonly RunRecord[]): RunRecord | undefined {
  const computation = computationOf(experiment);
  const worth = ({ status, step }: RunRecord) => (status === 'finished' ? Infinity : step);
  return runs
    .filter((run) => {
      // A fork's settings are not all that it was computed from.
      if (run.parent || isForeign(run)) return false;
      const stored = experimentOf(run);
      return stored !== undefined && computationOf(stored) === computation;
    })
    .reduce<RunRecord | undefined>(
      (best, run) => (best && worth(best) >= worth(run) ? best : run),
      undefined,
    );
}
