/** KL to the reference: its estimators, and how strongly it is weighed over a run. */

export type KlEstimator = 'k1' | 'k2' | 'k3';
export type KlSchedule = 'none' | 'fixed' | 'linear' | 'cosine' | 'adaptive' | 'as_released';

/** exp of more would be no number to learn from: verl's bound on the difference of log-probs. */
const LARGEST_DIFFERENCE = 20;

/**
 * An estimate of KL(policy ‖ reference) from one token, and its derivative by `logp`
 * (Schulman, "Approximating KL divergence", 2020): with k1 = logp − ref, k2 = k1²/2, k3 = exp(−k1) − 1 + k1.
 */
export function klEstimate(
  estimator: KlEstimator,
  logp: number,
  refLogp: number,
): { value: number; gradient: number } {
  const k1 = logp - refLogp;
  switch (estimator) {
    case 'k1':
      return { value: k1, gradient: 1 };
    case 'k2':
      return { value: (k1 * k1) / 2, gradient: k1 };
    case 'k3': {
      const bounded = Math.min(Math.max(-k1, -LARGEST_DIFFERENCE), LARGEST_DIFFERENCE);
      const value = Math.exp(bounded) - 1 - bounded;
      return { value, gradient: bounded === -k1 ? 1 - Math.exp(bounded) : 0 };
    }
  }
}

export interface KlScheduleSettings {
  schedule: KlSchedule;
  beta: number;
  betaEnd: number;
  /** Steps of the annealing; of `adaptive`: samples. */
  horizon: number;
  /** Of `adaptive`: the KL to hold. */
  target: number;
}

/**
 * β of a step, from 1. `linear`, `cosine`: from `beta` to `betaEnd` over the horizon, then held. `as_released`: the code of
 * arXiv 2503.04548 adds the constant once more to its cosine, so that β runs from 2β to β and never reaches 0.
 * @param adapted what `adaptBeta` has made of β so far
 */
export function betaOfStep(settings: KlScheduleSettings, step: number, adapted = settings.beta): number {
  const { schedule, beta, betaEnd, horizon } = settings;
  const passed = horizon > 0 ? Math.min(1, (step - 1) / horizon) : 1;
  const cosine = (1 + Math.cos(Math.PI * passed)) / 2;
  switch (schedule) {
    case 'none':
      return 0;
    case 'fixed':
      return beta;
    case 'linear':
      return beta + (betaEnd - beta) * passed;
    case 'cosine':
      return betaEnd + (beta - betaEnd) * cosine;
    case 'as_released':
      return beta + beta * cosine;
    case 'adaptive':
      return adapted;
  }
}

/**
 * β after a step that measured `kl` on `samples` responses: β·(1 + clip(kl/target − 1, ±0.2)·samples/horizon)
 * (Ziegler et al. 2019, arXiv 1909.08593, section 2.2; verl's `AdaptiveKLController`).
 */
export function adaptBeta(
  beta: number,
  kl: number,
  samples: number,
  { target, horizon }: Pick<KlScheduleSettings, 'target' | 'horizon'>,
): number {
  const error = Math.min(Math.max(kl / target - 1, -0.2), 0.2);
  return beta * (1 + (error * samples) / horizon);
}
