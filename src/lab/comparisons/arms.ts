/** From a comparison to the experiments to run. */
import { parseExperiment, type Experiment, type ExperimentInput } from '../schema';
import type { Comparison } from './types';

export interface PlannedRun {
  arm: string;
  experiment: Experiment;
}

/** `changes` laid over `base`, section by section. */
export function merge(base: ExperimentInput, changes: ExperimentInput): ExperimentInput {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const below = merged[key];
    merged[key] = typeof value === 'object' && typeof below === 'object' ? { ...below, ...value } : value;
  }
  return merged;
}

/**
 * Every arm with every seed, seeds first: after a part of the runs each arm has its share.
 * @param changes laid over every arm, for instance fewer steps
 * @throws ExperimentError
 */
export function plannedRuns(
  comparison: Comparison,
  seeds: readonly number[],
  changes: ExperimentInput = {},
): PlannedRun[] {
  return seeds.flatMap((seed) =>
    comparison.arms.map((arm) => ({
      arm: arm.name,
      experiment: parseExperiment({
        ...merge(merge(comparison.base, arm.changes), changes),
        name: `${comparison.title}: ${arm.name}, seed ${seed}`,
        seed,
      }),
    })),
  );
}

/** Everything but the name: two runs of the same computation have the same. */
export function sameComputation(experiment: Experiment): string {
  return JSON.stringify({ ...experiment, name: '' });
}

export interface DifferingSetting {
  /** Where it lives in the document, for instance `rollout.temperature`. */
  path: string;
  /** Of each experiment, in their order. */
  values: string[];
}

/** The settings in which the arms differ, by path, and the value of each arm. */
export const differingSettings = (comparison: Comparison): DifferingSetting[] =>
  settingsThatDiffer(plannedRuns(comparison, [0]).map(({ experiment }) => experiment));

/** The settings in which experiments differ, their names apart. */
export function settingsThatDiffer(experiments: readonly Experiment[]): DifferingSetting[] {
  const documents = experiments.map((experiment) => leaves(experiment));
  const paths = [...(documents[0]?.keys() ?? [])].filter((path) => path !== 'name');
  return paths
    .map((path) => ({ path, values: documents.map((document) => String(document.get(path))) }))
    .filter(({ values }) => values.some((value) => value !== values[0]));
}

function leaves(node: object, path = ''): Map<string, unknown> {
  const found = new Map<string, unknown>();
  for (const [key, value] of Object.entries(node) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null)
      for (const [below, leaf] of leaves(value, `${path}${key}.`)) found.set(below, leaf);
    else found.set(`${path}${key}`, value);
  }
  return found;
}
