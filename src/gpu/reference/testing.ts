import type { Random } from '../../random';
import { expectShape, type Numbers } from './numbers';

/** Helpers of the tests here and of the kernels' tests. */

/** n draws of the standard normal distribution. */
export function normals(random: Random, n: number): Float64Array {
  return Float64Array.from({ length: n }, () => random.normal());
}

export function dot(a: Numbers, b: Numbers): number {
  expectShape('a', a, b.length);
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** ∂f/∂x by central differences. `f` reads `x`, which is moved one element at a time and put back. */
export function numericGradient(f: () => number, x: Float64Array, h = 1e-5): Float64Array {
  return Float64Array.from(x, (value, i) => {
    x[i] = value + h;
    const above = f();
    x[i] = value - h;
    const below = f();
    x[i] = value;
    return (above - below) / (2 * h);
  });
}

/** Bounds and positions of sequences of these lengths, packed end to end. */
export function packed(lengths: readonly number[]): {
  segStart: Uint32Array;
  segEnd: Uint32Array;
  pos: Uint32Array;
} {
  let end = 0;
  const tokens = lengths.flatMap((length) => {
    const start = end;
    end += length;
    return Array.from({ length }, (_, pos) => ({ start, end, pos }));
  });
  return {
    segStart: Uint32Array.from(tokens, (token) => token.start),
    segEnd: Uint32Array.from(tokens, (token) => token.end),
    pos: Uint32Array.from(tokens, (token) => token.pos),
  };
}
