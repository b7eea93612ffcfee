/** Recorded runs for the tests. Node only. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { StepMetrics } from '../metrics';

function readSteps(path: string): StepMetrics[] {
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as StepMetrics).filter((m) => 'step' in m);
}

/** A run made to go wrong; the first line of its file is the experiment. */
export const recorded = (name: string): StepMetrics[] =>
  readSteps(join(import.meta.dirname, 'fixtures', `${name}.jsonl`));

/** The `aha` preset: 60 steps, 488 problems evaluated, four samples each. */
export const healthy = (seed: number): StepMetrics[] =>
  readSteps(join(import.meta.dirname, '../../../e2e/results/aha', `seed-${seed}.jsonl`));

const COMPARED = join(import.meta.dirname, '../../../e2e/results/runs');

/** Names of the runs behind the comparisons of the README. */
export const comparedRuns = (): string[] => readdirSync(COMPARED);

/** One of them: 40 steps, 200 problems evaluated. */
export const compared = (name: string): StepMetrics[] => readSteps(join(COMPARED, name, 'metrics.jsonl'));
