import type { Problem } from '../types';

export interface PassRateFilter<P extends Problem> {
  readonly kept: readonly P[];
  readonly dropped: readonly { readonly problem: P; readonly reason: string }[];
}

/**
 * Keeps problems that a model solves now and then: those it never or always solves teach nothing.
 * @param passRates share of right responses by the problem's id; a problem without one is dropped
 * @param bounds both kept
 * @throws RangeError unless 0 ≤ min ≤ max ≤ 1
 */
export function filterByPassRate<P extends Problem>(
  problems: readonly P[],
  passRates: ReadonlyMap<string, number>,
  { min, max }: { min: number; max: number },
): PassRateFilter<P> {
  if (!(0 <= min && min <= max && max <= 1))
    throw new RangeError(`The bounds of the pass rate must be 0 ≤ min ≤ max ≤ 1, not ${min} and ${max}`);
  const fault = (problem: P): string | undefined => {
    const rate = passRates.get(problem.id);
    if (rate === undefined || Number.isNaN(rate)) return 'its pass rate was not measured';
    if (rate > max) return `too easy: pass rate ${rate.toFixed(2)} above ${max}`;
    if (rate < min) return `too hard: pass rate ${rate.toFixed(2)} below ${min}`;
    return undefined;
  };
  const judged = problems.map((problem) => ({ problem, reason: fault(problem) }));
  return {
    kept: judged.flatMap(({ problem, reason }) => (reason === undefined ? [problem] : [])),
    dropped: judged.flatMap(({ problem, reason }) => (reason === undefined ? [] : [{ problem, reason }])),
  };
}
