/** Global gradient norm and AdamW over flat arrays of parameters: shaders/grad_norm.wgsl, shaders/adamw.wgsl. */
import adamwWgsl from '../../../shaders/adamw.wgsl?raw';
import gradNormWgsl from '../../../shaders/grad_norm.wgsl?raw';
import type { Binding, Dispatch } from '../program';

/** Partial sums of the norm: threads of its first stage. */
export const NORM_LANES = 1024;

/** Bytes of `adamw`'s uniform. */
export const ADAMW_UNIFORM_BYTES = 48;

export interface AdamWSettings {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  /** Largest global gradient norm; 0 is off. */
  maxGradNorm: number;
}

/**
 * norm[0] = √Σ g² over gradients of `sizes` values each; `partials` is scratch [NORM_LANES] for each of them, and at an
 * offset of NORM_LANES for the next.
 */
export function gradNorm(
  sizes: readonly number[],
  gradients: readonly Binding[],
  partials: GPUBuffer,
  norm: Binding,
): Dispatch[] {
  return [
    ...sizes.map((size, i): Dispatch => ({
      label: 'gradient norm partials',
      source: gradNormWgsl,
      constants: { SIZE: size, LANES: NORM_LANES, PARTIAL: true },
      bindings: [gradients[i], { buffer: partials, offset: i * NORM_LANES * 4, size: NORM_LANES * 4 }],
      grid: () => [NORM_LANES / 64],
    })),
    {
      label: 'gradient norm',
      source: gradNormWgsl,
      constants: { SIZE: 0, LANES: NORM_LANES * sizes.length, PARTIAL: false },
      bindings: [partials, norm],
      grid: () => [1],
    },
  ];
}

/** One AdamW step, clipping by the norm just computed. `uniform` holds `adamwUniform`. */
export function adamw(
  size: number,
  uniform: Binding,
  gradients: Binding,
  norm: Binding,
  params: Binding,
  m: Binding,
  v: Binding,
): Dispatch {
  return {
    label: 'adamw',
    source: adamwWgsl,
    constants: { SIZE: size },
    bindings: [uniform, gradients, norm, params, m, v],
    grid: () => [Math.min(4096, Math.ceil(size / 64))],
  };
}

/** The uniform of `adamw` at optimiser step `step` (from 1). */
export function adamwUniform(settings: AdamWSettings, step: number): Float32Array {
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = settings;
  const corrections = [1 - beta1 ** step, Math.sqrt(1 - beta2 ** step)];
  return new Float32Array([
    learningRate,
    beta1,
    beta2,
    1 - beta1,
    1 - beta2,
    epsilon,
    weightDecay,
    ...corrections,
    maxGradNorm,
    0,
    0,
  ]);
}
