/** What lies side by side in the Compare view, put together from stored runs. */
import { settingsThatDiffer, type DifferingSetting } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import type { Comparison } from '../../lab/comparisons/types';
import type { ArmRuns } from '../../lab/comparisons/verdict';
import type { StepMetrics } from '../../lab/metrics';
import type { RunRecord } from '../../store/types';
import { experimentOf, storedComparisons } from '../state/membership';
import type { LabState } from '../state/reduce';

export interface SideArm {
  name: string;
  runs: readonly RunRecord[];
}

export interface Sides {
  /** For files. */
  slug: string;
  /** Title, question and findings; the arms' changes are not filled in. */
  comparison: Comparison;
  arms: readonly SideArm[];
  /** Runs chosen by hand count as they stand; those of a plan when they are finished. */
  planned: boolean;
}

/** A planned comparison, its arms in the order of the catalogue; undefined when nothing of it is stored. */
export function sidesOfComparison(id: string, runs: readonly RunRecord[]): Sides | undefined {
  const stored = storedComparisons(runs).find((comparison) => comparison.id === id);
  if (!stored) return undefined;
  const { name, title, members } = stored;
  const known = Object.hasOwn(COMPARISONS, name) ? COMPARISONS[name] : undefined;
  const found = members.map(({ arm }) => arm);
  const names = new Set([...(known?.arms.map((arm) => arm.name) ?? []), ...found]);
  const arms = [...names]
    .filter((arm) => found.includes(arm))
    .map((arm) => ({ name: arm, runs: members.filter((m) => m.arm === arm).map(({ run }) => run) }));
  return {
    slug: name,
    comparison: comparisonOf(title, known?.question ?? '', arms, known?.findings),
    arms,
    planned: true,
  };
}

/** Stored runs chosen by hand, each an arm; those no longer stored are left out. */
export function sidesOfRuns(ids: readonly string[], runs: readonly RunRecord[]): Sides {
  const chosen = ids.flatMap((id) => runs.find((run) => run.id === id) ?? []);
  const arms = chosen.map((run, i) => ({ name: nameAmong(chosen, i), runs: [run] }));
  const question = 'Runs chosen from the list, each as far as it has come.';
  return {
    slug: 'chosen-runs',
    comparison: comparisonOf('Chosen runs', question, arms),
    arms,
    planned: false,
  };
}

const comparisonOf = (
  title: string,
  question: string,
  arms: readonly SideArm[],
  findings: Comparison['findings'] = [],
): Comparison => ({
  title,
  question,
  base: {},
  arms: arms.map(({ name }) => ({ name, changes: {} })),
  findings: findings.filter((f) => [f.higher, f.lower].every((arm) => arms.some((a) => a.name === arm))),
});

/** The run's name; of several by the same name, with their number. */
function nameAmong(chosen: readonly RunRecord[], i: number): string {
  const { name } = chosen[i];
  const alike = chosen.filter((run) => run.name === name);
  return alike.length === 1 ? name : `${name} (${alike.indexOf(chosen[i]) + 1})`;
}

export interface SideMetrics extends ArmRuns {
  /** Of the arm's runs that do not count yet. */
  unfinished: { id: string; metrics: readonly StepMetrics[] }[];
}

/** The arms' metrics: of the runs that count, and of those under way. */
export function metricsOfSides({ arms, planned }: Sides, compared: LabState['compared']): SideMetrics[] {
  const counts = (run: RunRecord) => !planned || run.status === 'finished';
  const metrics = ({ id }: RunRecord) => compared[id] ?? [];
  return arms.map(({ name, runs }) => ({
    arm: name,
    runs: runs.filter(counts).map(metrics),
    unfinished: runs.filter((run) => !counts(run)).map((run) => ({ id: run.id, metrics: metrics(run) })),
  }));
}

/** The settings in which the arms differ. The arms of a plan share their seeds. Unreadable documents show nothing. */
export function settingsOfSides({ arms, planned }: Sides): DifferingSetting[] {
  const experiments = arms.map(({ runs }) => experimentOf(runs[0]));
  if (!experiments.every((experiment) => experiment !== undefined)) return [];
  return settingsThatDiffer(planned ? experiments.map((e) => ({ ...e, seed: 0 })) : experiments);
}
