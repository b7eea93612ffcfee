/** Group-relative advantages. */

export type ScaleRewards = 'group' | 'none';

/** TRL's epsilon below the standard deviation. */
const EPSILON = 1e-4;

export interface GroupAdvantages {
  /** One for each reward, in the same order. */
  advantages: Float64Array;
  /** Mean over groups of the standard deviation within the group (Bessel-corrected, as TRL's `reward_std`). */
  meanStd: number;
  /** Share of groups whose rewards are all equal: they have no gradient. */
  zeroStdShare: number;
}

/**
 * A = (r − mean)/(std + 1e-4) within each group of `n` consecutive rewards (GRPO, arXiv 2402.03300, with TRL's epsilon and
 * Bessel correction); `none`: A = r − mean (Dr. GRPO, arXiv 2503.20783).
 * @throws RangeError when the rewards do not divide into groups of at least two
 */
export function groupAdvantages(rewards: ArrayLike<number>, n: number, scale: ScaleRewards): GroupAdvantages {
  if (n < 2 || rewards.length % n)
    throw new RangeError(`${rewards.length} rewards do not form groups of ${n}`);
  const advantages = new Float64Array(rewards.length);
  const groups = rewards.length / n;
  let stds = 0;
  let zeros = 0;
  for (let group = 0; group < groups; group++) {
    const r = Array.from({ length: n }, (_, i) => rewards[group * n + i]);
    const mean = r.reduce((a, b) => a + b, 0) / n;
    const std = Math.sqrt(r.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
    stds += std / groups;
    if (r.every((x) => x === r[0])) zeros += 1 / groups;
    r.forEach((x, i) => (advantages[group * n + i] = (x - mean) / (scale === 'group' ? std + EPSILON : 1)));
  }
  return { advantages, meanStd: stds, zeroStdShare: zeros };
}
