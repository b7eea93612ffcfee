import { Random } from '../random';
import { countEquations } from './equations';
import { bySplit, hash32 } from './hash';
import type { GeneratedTask, Problem, SplitName } from './types';

/** A family of problems: everything of a task but its list of problems, which is drawn. */
export interface Family<P extends Problem> extends Omit<GeneratedTask<P>, 'split' | 'equations'> {
  /** One random problem of a level. Equal problems have equal ids. */
  readonly draw: (random: Random, level: number) => P;
  /** Problems with the same key never lie in different splits. */
  readonly splitKey: (problem: P) => string;
}

/** At most so many problems a level, and draws to find each. */
const PER_LEVEL = 1000;
const DRAWS = 10;

function drawProblems<P extends Problem>({ name, levels, draw }: Family<P>): P[] {
  const random = new Random(hash32(name));
  const found = new Map<string, P>();
  for (const level of levels) {
    const enough = found.size + PER_LEVEL;
    for (let i = 0; i < PER_LEVEL * DRAWS && found.size < enough; i++) {
      const problem = draw(random, level);
      if (!found.has(problem.id)) found.set(problem.id, problem);
    }
  }
  return random.shuffle([...found.values()]);
}

/** The task of a family. Its problems are drawn at first use, the same on every machine, levels mixed. */
export function generatedTask<P extends Problem>(family: Family<P>): GeneratedTask<P> {
  let splits: Record<SplitName, readonly P[]> | undefined;
  return {
    ...family,
    equations: countEquations,
    split: (name) => (splits ??= bySplit(drawProblems(family), family.splitKey))[name],
  };
}

/** The problems of these levels; problems without a level are always kept. */
export const ofLevels = <P extends Problem>(problems: readonly P[], levels: readonly number[]): P[] =>
  problems.filter((p) => p.level === undefined || levels.includes(p.level));
