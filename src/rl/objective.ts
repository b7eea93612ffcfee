/** The clipped policy objective: from log-probs and advantages to the loss and its derivative, in float64 on the host. */

export interface ObjectiveSettings {
  /** Importance ratios outside 1 ± epsilon stop earning. */
  epsilon: number;
  /** Weight of the k3 estimate of KL(policy ‖ reference). */
  beta: number;
  /** Dr. GRPO's constant: the loss is divided by (sequences of the step × this many tokens). */
  lossScaleLength: number;
}

export interface ObjectiveSequence {
  /** Log-prob of each completion token under the policy being trained, the policy that sampled, and the reference. */
  logp: ArrayLike<number>;
  oldLogp: ArrayLike<number>;
  refLogp?: ArrayLike<number>;
  advantage: number;
}

export interface ObjectiveResult {
  /** This sequence's part of the loss. */
  loss: number;
  /** dLoss/dlogp of each token. */
  gradient: Float64Array;
  /** Tokens whose ratio was clipped, and Σ k3. */
  clipped: number;
  kl: number;
}

/**
 * GRPO with Dr. GRPO's constant normalisation (TRL `loss_type: "dr_grpo"`):
 *   L = 1/(B·L_c) Σ_i Σ_t −min(ρA, clip(ρ, 1−ε, 1+ε)A) + β·k3,   ρ = exp(logp − logp_old),
 *   k3 = exp(ref − logp) − 1 − (ref − logp)   (Schulman, "Approximating KL divergence")
 * On-policy (`oldLogp` = `logp`) the value is −ΣA while the gradient is −A: that a loss near zero still teaches is right.
 * @param sequences B, rollouts of the whole step
 */
export function clippedObjective(
  sequence: ObjectiveSequence,
  sequences: number,
  settings: ObjectiveSettings,
): ObjectiveResult {
  const { logp, oldLogp, refLogp, advantage } = sequence;
  const { epsilon, beta, lossScaleLength } = settings;
  const scale = 1 / (sequences * lossScaleLength);
  const gradient = new Float64Array(logp.length);
  let loss = 0;
  let clipped = 0;
  let kl = 0;
  for (let t = 0; t < logp.length; t++) {
    const ratio = Math.exp(logp[t] - oldLogp[t]);
    const bounded = Math.min(Math.max(ratio, 1 - epsilon), 1 + epsilon);
    const isClipped = bounded * advantage < ratio * advantage;
    loss -= Math.min(ratio * advantage, bounded * advantage);
    if (isClipped) clipped++;
    else gradient[t] = -ratio * advantage;
    if (beta > 0 && refLogp) {
      const difference = refLogp[t] - logp[t];
      const k3 = Math.exp(difference) - 1 - difference;
      kl += k3;
      loss += beta * k3;
      gradient[t] += beta * (1 - Math.exp(difference));
    }
    gradient[t] *= scale;
  }
  return { loss: loss * scale, gradient, clipped, kl };
}
