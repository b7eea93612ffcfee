import { Random } from '../../random';
import type { Problem, SplitName } from '../types';
import { expressions, type Triple } from './expressions';

export const SMALLEST = 2;
export const LARGEST = 16;

/** Combine each number once with + − × into the target. `numbers` descend; `prompt` is `9 8 2 -> 1 A:`. */
export interface CountdownProblem extends Problem {
  readonly numbers: Triple;
  readonly target: number;
}

/** `<bos>`, three numbers, `->`, the target, `A:`. */
export const PROMPT_LENGTH = 7;

/** A problem from its numbers (descending) and target; whether it can be solved is not asked. */
export function countdownProblem(numbers: Triple, target: number): CountdownProblem {
  return {
    id: `${numbers.join(',')}->${target}`,
    prompt: `${numbers.join(' ')} -> ${target} A:`,
    answer: String(target),
    numbers,
    target,
  };
}

function triples(): Triple[] {
  const all: Triple[] = [];
  for (let a = SMALLEST; a <= LARGEST; a++)
    for (let b = SMALLEST; b <= a; b++) for (let c = SMALLEST; c <= b; c++) all.push([a, b, c]);
  return all;
}

/** Every target from 1 that some expression reaches and that is not itself given. */
function problemsOf(numbers: Triple): CountdownProblem[] {
  const values = new Set(expressions(numbers).map((e) => e.value));
  return [...values]
    .filter((v) => v >= 1 && !numbers.includes(v))
    .sort((a, b) => a - b)
    .map((target) => countdownProblem(numbers, target));
}

/** This seed makes the three splits equally hard: a uniform guess is right at .114, .114 and .115 of their problems. */
const SPLIT_SEED = 42;

function makeSplits(): Record<SplitName, readonly CountdownProblem[]> {
  const random = new Random(SPLIT_SEED);
  const all = random.shuffle(triples());
  const tenth = Math.round(all.length / 10);
  const part = (from: number, to?: number) => random.shuffle(all.slice(from, to).flatMap(problemsOf));
  return { train: part(2 * tenth), validation: part(0, tenth), test: part(tenth, 2 * tenth) };
}

let splits: Record<SplitName, readonly CountdownProblem[]> | undefined;

/** The 680 triples of 2..16, split 544 / 68 / 68, each with all its problems: no triple occurs in two splits. */
export function split(name: SplitName): readonly CountdownProblem[] {
  splits ??= makeSplits();
  return splits[name];
}
