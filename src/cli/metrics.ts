/** A run's steps, from its folder or from what `lab run --json` printed. Node only. */
import { statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { ArmRuns } from '../lab/comparisons/verdict';
import type { StepMetrics } from '../lab/metrics';
import { FolderStore } from '../store/folder';
import { readText } from './files';
import { CliError } from './output';

export interface RecordedRun {
  /** Ascending by step, each step once. */
  metrics: StepMetrics[];
  /** Known of a folder alone. */
  experiment?: unknown;
  /** What lies behind its curves: of the run that it was forked from, or of whoever shared it. */
  reference?: StepMetrics[];
}

/**
 * @param path the folder of a run, or a file of JSON lines; lines without a step are left out
 * @throws CliError naming the file and the line, StoreError
 */
export async function readRun(path: string): Promise<RecordedRun> {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory())
    return { metrics: parseSteps(await readText(path), path) };
  const store = new FolderStore(path);
  const { id, experiment, reference } = await store.run();
  return { metrics: requireSteps(await store.metrics(id), path), experiment, reference };
}

/**
 * Each run as an arm that goes by the name of its folder or file.
 * @param withBehind before each run also the curves that lie behind it
 * @throws CliError, StoreError
 */
export async function readRuns(paths: readonly string[], withBehind = false): Promise<ArmRuns[]> {
  const arms = paths.map(async (path): Promise<ArmRuns[]> => {
    const { metrics, reference = [] } = await readRun(path);
    const arm = basename(resolve(path));
    const behind = withBehind && reference.length > 0;
    return [...(behind ? [{ arm: `behind ${arm}`, runs: [reference] }] : []), { arm, runs: [metrics] }];
  });
  return (await Promise.all(arms)).flat();
}

/** @param where the file's name, for the message. @throws CliError */
export function parseSteps(text: string, where: string): StepMetrics[] {
  const steps = new Map<number, StepMetrics>();
  for (const [i, line] of text.split('\n').entries()) {
    if (!line.trim()) continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw new CliError(`${where}, line ${i + 1}: not JSON. Name a file that \`lab run --json\` printed.`);
    }
    if (isStep(value)) steps.set(value.step, numbersOf(value));
  }
  return requireSteps(
    [...steps.values()].sort((a, b) => a.step - b.step),
    where,
  );
}

const isStep = (value: unknown): value is { step: number } =>
  typeof value === 'object' && value !== null && 'step' in value && Number.isFinite(value.step);

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];

/** NaN and ±∞ stand as null in printed lines and as text in stored ones; whatever else is no number is left out. */
function numbersOf(line: { step: number }): StepMetrics {
  const numberOf = (value: unknown): unknown => {
    if (value === null) return NaN;
    return typeof value === 'string' && NON_FINITE.includes(value) ? Number(value) : value;
  };
  const entries = Object.entries(line).map(([name, value]) => [name, numberOf(value)]);
  return Object.fromEntries(entries.filter(([, value]) => typeof value === 'number')) as StepMetrics;
}

function requireSteps(steps: StepMetrics[], where: string): StepMetrics[] {
  if (steps.length) return steps;
  throw new CliError(
    `${where} holds no steps. Name a run's folder, or a file that \`lab run --json\` printed.`,
  );
}
