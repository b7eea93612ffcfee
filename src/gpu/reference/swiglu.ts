import { expectShape, type Numbers } from './numbers';

/**
 * act = silu(gate) · up with silu(x) = x · σ(x) (Shazeer 2020): gu [T, 2F], of which the first F columns are the
 * gate and the last F the up projection → [T, F].
 */
export function forward(gu: Numbers, { T, F }: { T: number; F: number }): Float64Array {
  expectShape('gu', gu, T, 2 * F);
  const act = new Float64Array(T * F);
  for (let t = 0; t < T; t++)
    for (let f = 0; f < F; f++) {
      const gate = gu[t * 2 * F + f];
      act[t * F + f] = gate * sigmoid(gate) * gu[t * 2 * F + F + f];
    }
  return act;
}

/** dgate = dact · up · σ(gate) (1 + gate (1 − σ(gate))), dup = dact · silu(gate): dact [T, F] → [T, 2F]. */
export function backward(gu: Numbers, dact: Numbers, { T, F }: { T: number; F: number }): Float64Array {
  expectShape('gu', gu, T, 2 * F);
  expectShape('dact', dact, T, F);
  const dgu = new Float64Array(T * 2 * F);
  for (let t = 0; t < T; t++)
    for (let f = 0; f < F; f++) {
      const g = t * 2 * F + f;
      const s = sigmoid(gu[g]);
      dgu[g] = dact[t * F + f] * gu[g + F] * s * (1 + gu[g] * (1 - s));
      dgu[g + F] = dact[t * F + f] * gu[g] * s;
    }
  return dgu;
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
