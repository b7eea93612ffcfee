/** Planning a comparison of the catalogue: seeds, and settings laid over every arm. */
import { differingSettings, plannedRuns, type PlannedRun } from '../../lab/comparisons/arms';
import type { Comparison } from '../../lab/comparisons/types';
import { ExperimentError, type Experiment } from '../../lab/schema';
import { FIELDS, rangeText, type FieldSpec } from '../forms/fields';

/** What a person may shorten or change for all arms alike. */
const SHARED = [
  'schedule.max_steps',
  'rollout.queries_per_step',
  'rollout.num_generations',
  'rollout.max_completion_length',
  'evaluation.problems',
];

export const SEEDS: FieldSpec = {
  path: 'seeds',
  group: 'Plan',
  label: 'Seeds',
  help: 'Runs of each arm, which differ in their seed alone. An interval needs 2, and 3 or more to be narrow.',
  unit: 'per arm',
  type: 'integer',
  min: 1,
  max: 20,
  step: 1,
  options: [],
  default: 3,
  advanced: false,
};

/** Text by field path; a field that is not there keeps the comparison's value. */
export type Changes = Readonly<Record<string, string>>;

/** The fields that can be set for all arms: not those in which the arms differ. */
export function sharedFields(comparison: Comparison): FieldSpec[] {
  const varied = new Set(differingSettings(comparison).map(({ path }) => path));
  return FIELDS.filter(({ path }) => SHARED.includes(path) && !varied.has(path));
}

/** The comparison's own value of a field, as text. */
export function valueOf(comparison: Comparison, { path }: FieldSpec): string {
  if (path === SEEDS.path) return String(SEEDS.default);
  const [section, key] = path.split('.') as [keyof Experiment, string];
  const { experiment } = plannedRuns(comparison, [0])[0];
  return String((experiment[section] as Record<string, unknown>)[key]);
}

export interface Plan {
  /** Empty while something is wrong. */
  runs: PlannedRun[];
  /** What is wrong, by field. */
  errors: Record<string, string>;
  /** What is wrong with an arm because of what was changed. */
  conflicts: string[];
}

export function planOf(comparison: Comparison, changes: Changes): Plan {
  const errors: Record<string, string> = {};
  const fields = sharedFields(comparison).filter(({ path }) => changes[path] !== undefined);
  for (const field of [SEEDS, ...fields]) {
    const value = numberOf(changes[field.path] ?? String(field.default));
    const { min = -Infinity, max = Infinity } = field;
    if (!Number.isInteger(value) || value < min || value > max)
      errors[field.path] = `Expected: ${rangeText(field)}.`;
  }
  if (Object.keys(errors).length > 0) return { runs: [], errors, conflicts: [] };

  const input: Record<string, Record<string, number>> = {};
  for (const { path } of fields) {
    const [section, key] = path.split('.');
    input[section] = { ...input[section], [key]: numberOf(changes[path]) };
  }
  const seeds = Array.from({ length: numberOf(changes.seeds ?? String(SEEDS.default)) }, (_, seed) => seed);
  try {
    return { runs: plannedRuns(comparison, seeds, input), errors, conflicts: [] };
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    return { runs: [], errors, conflicts: [...new Set(error.problems.map(({ message }) => message))] };
  }
}

const numberOf = (text: string): number => (text.trim() === '' ? NaN : Number(text));
