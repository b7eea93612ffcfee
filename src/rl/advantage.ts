/** Advantages: how much better a response did than it was expected to. */

export type AdvantageEstimator = 'group' | 'rloo' | 'reinforce' | 'reinforce_baseline';
export type ScaleRewards = 'group' | 'batch' | 'none';

export interface AdvantageSettings {
  estimator: AdvantageEstimator;
  /** Of the `group` estimator. */
  scale: ScaleRewards;
}

/** TRL's epsilon below the standard deviation. */
const EPSILON = 1e-4;
/** verl's, when the whole batch is whitened. */
const WHITEN_EPSILON = 1e-8;

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** Bessel-corrected standard deviation; 0 of a single value. */
export function standardDeviation(values: readonly number[]): number {
  const m = mean(values);
  const squares = values.reduce((sum, x) => sum + (x - m) ** 2, 0);
  return values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : 0;
}

/**
 * Advantages of responses that come in groups to the same question.
 * - `group`: r − group mean, over (std + 1e-4) of the group (GRPO, arXiv 2402.03300) or of the batch, or not scaled
 *   (Dr. GRPO, arXiv 2503.20783); epsilon and Bessel correction as TRL's `GRPOTrainer`.
 * - `rloo`: r − mean of the others of its group (arXiv 2402.14740).
 * - `reinforce`: r whitened over the tokens of the batch (REINFORCE++, arXiv 2501.03262; verl `core_algos`).
 * - `reinforce_baseline`: r − group mean, whitened over the tokens of the batch (verl, OpenRLHF).
 * @param groups indices into `rewards`; a response in no group gets 0
 * @param lengths tokens of each response: whitening gives each token the same weight
 * @throws RangeError when an estimator compares within groups and a group has one response
 */
export function advantages(
  rewards: ArrayLike<number>,
  lengths: ArrayLike<number>,
  groups: readonly (readonly number[])[],
  { estimator, scale }: AdvantageSettings,
): Float64Array {
  const result = new Float64Array(rewards.length);
  const members = groups.flat();
  const batchStd = standardDeviation(members.map((i) => rewards[i]));
  for (const group of groups) {
    if (group.length < 2 && estimator !== 'reinforce')
      throw new RangeError(
        `the ${estimator} advantage compares responses: a group of one has none to compare with`,
      );
    const r = group.map((i) => rewards[i]);
    const m = mean(r);
    const divisor =
      estimator !== 'group' || scale === 'none'
        ? 1
        : (scale === 'group' ? standardDeviation(r) : batchStd) + EPSILON;
    for (const i of group) {
      if (estimator === 'reinforce') result[i] = rewards[i];
      else if (estimator === 'rloo') result[i] = ((rewards[i] - m) * r.length) / (r.length - 1);
      else result[i] = (rewards[i] - m) / divisor;
    }
  }
  if (estimator === 'reinforce' || estimator === 'reinforce_baseline') whiten(result, lengths, members);
  return result;
}

/** (x − mean)/√(var + 1e-8) over tokens, Bessel-corrected: verl's `masked_whiten`. */
function whiten(values: Float64Array, lengths: ArrayLike<number>, members: readonly number[]): void {
  const tokens = members.reduce((sum, i) => sum + lengths[i], 0);
  if (tokens === 0) return;
  const m = members.reduce((sum, i) => sum + values[i] * lengths[i], 0) / tokens;
  const variance =
    members.reduce((sum, i) => sum + (values[i] - m) ** 2 * lengths[i], 0) / Math.max(1, tokens - 1);
  for (const i of members) values[i] = (values[i] - m) / Math.sqrt(variance + WHITEN_EPSILON);
}

/** Mean over groups of the std within the group (TRL's `reward_std`), and the share of groups whose rewards are all equal. */
export function groupSpread(
  rewards: ArrayLike<number>,
  groups: readonly (readonly number[])[],
): { meanStd: number; zeroStdShare: number } {
  const stds = groups.map((group) => standardDeviation(group.map((i) => rewards[i])));
  return {
    meanStd: groups.length ? mean(stds) : 0,
    zeroStdShare: groups.length ? groups.filter((g) => isUniform(rewards, g)).length / groups.length : 0,
  };
}

/** All rewards of the group are equal: it teaches nothing by comparison. */
export const isUniform = (rewards: ArrayLike<number>, group: readonly number[]): boolean =>
  group.every((i) => rewards[i] === rewards[group[0]]);
