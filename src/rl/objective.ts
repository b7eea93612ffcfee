/** The policy objective: from log-probs and advantages to the loss and its derivatives, in float64 on the host. */
import { klEstimate, type KlEstimator } from './kl';

export type LossType = 'grpo' | 'dapo' | 'dr_grpo' | 'seq_sum';

export interface ObjectiveSettings {
  /** Importance ratios outside [1 − epsilon, 1 + epsilonHigh] stop earning. */
  epsilon: number;
  epsilonHigh: number;
  /** Dual clip: the loss of a bad response is at most this times |A|; 0 is off. */
  clipRatioC: number;
  importanceSamplingLevel: 'token' | 'sequence';
  lossType: LossType;
  /** Tokens; of `dr_grpo`. */
  lossScaleLength: number;
  /** Weight of the KL to the reference in the loss. */
  beta: number;
  klEstimator: KlEstimator;
  /** Weight of the entropy in the loss. */
  entropyCoef: number;
}

export interface ObjectiveSequence {
  /** Log-prob of each completion token under the policy being trained, the policy that sampled, and the reference. */
  logp: ArrayLike<number>;
  oldLogp: ArrayLike<number>;
  refLogp?: ArrayLike<number>;
  entropy?: ArrayLike<number>;
  advantage: number;
  /** False: it counts among the responses, and none of its tokens carries loss. */
  learnable: boolean;
}

/** What the aggregations divide by: the responses of one update, and their tokens that carry loss. */
export interface BatchSize {
  sequences: number;
  tokens: number;
}

export interface ObjectiveResult {
  /** This sequence's part of the loss. */
  loss: number;
  /** dLoss/dlogp of each token. */
  gradient: Float64Array;
  /** dLoss/dentropy, the same for each token. */
  entropyGradient: number;
  /** Tokens whose ratio was clipped, below or above; Σ of the KL estimate; Σ of oldLogp − logp. */
  clippedLow: number;
  clippedHigh: number;
  kl: number;
  policyKl: number;
}

/** The weight of a token in the loss. verl: seq-mean-token-mean, token-mean, (Dr. GRPO's constant), seq-mean-token-sum. */
export function tokenWeight(
  { lossType, lossScaleLength }: Pick<ObjectiveSettings, 'lossType' | 'lossScaleLength'>,
  length: number,
  batch: BatchSize,
): number {
  switch (lossType) {
    case 'grpo':
      return 1 / (batch.sequences * Math.max(1, length));
    case 'dapo':
      return 1 / Math.max(1, batch.tokens);
    case 'dr_grpo':
      return 1 / (batch.sequences * lossScaleLength);
    case 'seq_sum':
      return 1 / batch.sequences;
  }
}

/**
 *   L = Σ_t w · [ m_t · max(−ρA, −clip(ρ, 1 − ε, 1 + ε_high)A)  +  β·KL_t  −  c·H_t ],   ρ = exp(logp − logp_old)
 * with w of `tokenWeight`. `sequence` level: ρ = exp(mean_t(logp − logp_old)) for all tokens (GSPO, arXiv 2507.18071). Dual
 * clip (arXiv 1912.09729): for A < 0 the policy term is at most c·|A|. Formulas as TRL's `GRPOTrainer` and verl's `core_algos`.
 * On-policy (`oldLogp` = `logp`) the value is −wΣA while the gradient is −wA: that a loss near zero still teaches is right.
 * @param carries m_t: which tokens carry the policy term; all when absent
 */
export function policyObjective(
  sequence: ObjectiveSequence,
  batch: BatchSize,
  settings: ObjectiveSettings,
  carries: (t: number) => boolean = () => true,
): ObjectiveResult {
  const { logp, oldLogp, refLogp, entropy, advantage, learnable } = sequence;
  const { beta, klEstimator, entropyCoef, importanceSamplingLevel } = settings;
  const length = logp.length;
  const gradient = new Float64Array(length);
  const result = { loss: 0, gradient, entropyGradient: 0, clippedLow: 0, clippedHigh: 0, kl: 0, policyKl: 0 };
  if (!learnable || length === 0) return result;

  const weight = tokenWeight(settings, length, batch);
  let logRatio = 0;
  for (let t = 0; t < length; t++) logRatio += logp[t] - oldLogp[t];
  result.policyKl = -logRatio;
  const whole = clippedTerm(Math.exp(logRatio / length), advantage, settings);
  let shared = 0;
  for (let t = 0; t < length; t++) {
    const byToken = importanceSamplingLevel === 'token';
    const term = byToken ? clippedTerm(Math.exp(logp[t] - oldLogp[t]), advantage, settings) : whole;
    result.clippedLow += Number(term.low);
    result.clippedHigh += Number(term.high);
    if (carries(t)) {
      result.loss += weight * term.loss;
      if (byToken) gradient[t] += weight * term.slope;
      // d mean_t(logp)/dlogp = 1/length, for every token of the sequence.
      else shared += (weight * term.slope) / length;
    }
    if (refLogp) {
      const kl = klEstimate(klEstimator, logp[t], refLogp[t]);
      result.kl += kl.value;
      result.loss += weight * beta * kl.value;
      gradient[t] += weight * beta * kl.gradient;
    }
    if (entropy) result.loss -= weight * entropyCoef * entropy[t];
  }
  if (shared !== 0) for (let t = 0; t < length; t++) gradient[t] += shared;
  result.entropyGradient = -weight * entropyCoef;
  return result;
}

/** The clipped policy term at one ratio, and its derivative by log ρ. */
function clippedTerm(
  ratio: number,
  advantage: number,
  { epsilon, epsilonHigh, clipRatioC }: ObjectiveSettings,
): { loss: number; slope: number; low: boolean; high: boolean } {
  const low = ratio < 1 - epsilon && advantage < 0;
  const high = ratio > 1 + epsilonHigh && advantage > 0;
  const bounded = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilonHigh);
  const loss = Math.max(-ratio * advantage, -bounded * advantage);
  if (clipRatioC > 0 && advantage < 0 && loss > -clipRatioC * advantage)
    return { loss: -clipRatioC * advantage, slope: 0, low, high };
  return { loss, slope: low || high ? 0 : -ratio * advantage, low, high };
}

/**
 * The entropy that the given share of tokens reaches: those at or above it carry the policy term (TRL's
 * `get_high_entropy_mask`, arXiv 2506.01939). Linear interpolation, as `torch.quantile`.
 */
export function entropyThreshold(entropies: Float64Array, share: number): number {
  if (share >= 1 || entropies.length === 0) return -Infinity;
  const sorted = entropies.toSorted();
  const at = (1 - share) * (sorted.length - 1);
  const below = Math.floor(at);
  const next = sorted[Math.min(below + 1, sorted.length - 1)];
  return sorted[below] + (next - sorted[below]) * (at - below);
}
