import { expectShape, type Numbers } from './numbers';

export interface AdamWOptions {
  lr: number;
  beta1: number;
  beta2: number;
  eps: number;
  weightDecay: number;
  /** Number of this update, from 1. */
  step: number;
  /** Largest global gradient norm; 0 is off. */
  maxGradNorm: number;
}

/**
 * One update as `torch.nn.utils.clip_grad_norm_` and then `torch.optim.AdamW` (Loshchilov & Hutter 2019):
 * g ← g · min(1, maxGradNorm / (‖g‖ + 1e-6)); p ← p · (1 − lr · weightDecay); m ← β₁ m + (1 − β₁) g;
 * v ← β₂ v + (1 − β₂) g²; p ← p − lr · m̂ / (√v̂ + eps) with m̂ = m / (1 − β₁^step), v̂ = v / (1 − β₂^step).
 * Changes p, m and v [n] in place and leaves g [n] as it is. Returns ‖g‖ before clipping.
 */
export function step(p: Numbers, g: Numbers, m: Numbers, v: Numbers, options: AdamWOptions): number {
  for (const [name, array] of Object.entries({ g, m, v })) expectShape(name, array, p.length);
  const { lr, beta1, beta2, eps, weightDecay, maxGradNorm } = options;
  let squares = 0;
  for (const value of g) squares += value * value;
  const norm = Math.sqrt(squares);
  const clip = maxGradNorm > 0 ? Math.min(1, maxGradNorm / (norm + 1e-6)) : 1;
  const correction1 = 1 - beta1 ** options.step;
  const correction2 = 1 - beta2 ** options.step;
  for (let i = 0; i < p.length; i++) {
    const gi = g[i] * clip;
    const mi = beta1 * m[i] + (1 - beta1) * gi;
    const vi = beta2 * v[i] + (1 - beta2) * gi * gi;
    p[i] = p[i] * (1 - lr * weightDecay) - (lr * (mi / correction1)) / (Math.sqrt(vi / correction2) + eps);
    m[i] = mi;
    v[i] = vi;
  }
  return norm;
}
