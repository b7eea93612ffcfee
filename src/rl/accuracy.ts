/** How right a set of answers is: one greedy answer a problem, or n sampled ones. */
import { meanInterval, type Interval } from '../statistics';
import type { JudgedRollout } from './judge';

export interface Accuracy {
  /** Mean over problems of the share of right answers: pass@1; its interval is over problems. */
  accuracy: Interval;
  /** Chance that one of k answers is right, for k = 2, 4, … up to n. */
  passAtK: Record<number, number>;
  /** Share of problems whose most frequent answer is right, of n ≥ 3. */
  majority?: number;
}

/**
 * @param rollouts n answers to each problem, those of one problem side by side
 * @throws RangeError when they do not divide by n
 */
export function accuracyOf(
  rollouts: readonly Pick<JudgedRollout, 'correct' | 'verdict' | 'finished'>[],
  n: number,
): Accuracy {
  if (rollouts.length === 0 || rollouts.length % n)
    throw new RangeError(`${rollouts.length} answers are not ${n} to each problem`);
  const problems = Array.from({ length: rollouts.length / n }, (_, p) => rollouts.slice(p * n, (p + 1) * n));
  const right = problems.map((answers) => answers.filter((a) => a.correct).length);
  const average = (of: (c: number) => number) => right.reduce((sum, c) => sum + of(c), 0) / right.length;
  const passAtK: Record<number, number> = {};
  for (let k = 2; k <= n; k *= 2) passAtK[k] = average((c) => passChance(n, c, k));
  return {
    accuracy: shareInterval(right.map((c) => c / n)),
    passAtK,
    ...(n >= 3 && { majority: problems.filter(majorityIsRight).length / problems.length }),
  };
}

/** Student's interval as far as shares go: of few problems it is wider than 0 to 1. */
function shareInterval(shares: readonly number[]): Interval {
  const { low, high, ...rest } = meanInterval(shares);
  return { ...rest, low: Math.max(0, low), high: Math.min(1, high) };
}

/** 1 − C(n − c, k)/C(n, k): the unbiased estimate of pass@k from c right of n (Chen et al. 2021, arXiv 2107.03374). */
export function passChance(n: number, c: number, k: number): number {
  if (n - c < k) return 1;
  let noneRight = 1;
  for (let i = n - c + 1; i <= n; i++) noneRight *= 1 - k / i;
  return 1 - noneRight;
}

/**
 * The vote of maj@k (Wang et al. 2022, arXiv 2203.11171). Right answers are one answer, however written; wrong ones are the same
 * when their text is; responses without an answer do not vote. A tie goes to the answer given first.
 */
function majorityIsRight(
  answers: readonly Pick<JudgedRollout, 'correct' | 'verdict' | 'finished'>[],
): boolean {
  const votes = new Map<string, number>();
  for (const { correct, verdict, finished } of answers) {
    if (!finished || verdict.extracted === null) continue;
    const answer = correct ? '' : `wrong ${verdict.extracted.replaceAll(/\s+/g, ' ')}`;
    votes.set(answer, (votes.get(answer) ?? 0) + 1);
  }
  const most = Math.max(0, ...votes.values());
  const winner = [...votes].find(([, count]) => count === most);
  return winner?.[0] === '';
}
