import { expectShape, type Numbers } from './numbers';
import * as rmsnorm from './rmsnorm';

export interface RopeShape {
  heads: number;
  /** Head dimension, even. */
  hd: number;
  /** Base of the frequencies, `rope_theta` in Hugging Face configs. */
  theta: number;
}

/**
 * Rotary position embedding (Su et al. 2021) in the "rotate half" convention of Hugging Face: with
 * a = pos · theta^(−2j/hd), the pair (x[j], x[j + hd/2]) turns by the angle a, for j < hd/2.
 * x [T, heads, hd], pos [T] → [T, heads, hd].
 */
export function forward(x: Numbers, pos: Uint32Array, shape: RopeShape): Float64Array {
  return rotate(x, pos, shape, 1);
}

/** The inverse rotation, which is also the transpose: dy [T, heads, hd], pos [T] → dx [T, heads, hd]. */
export function backward(dy: Numbers, pos: Uint32Array, shape: RopeShape): Float64Array {
  return rotate(dy, pos, shape, -1);
}

/**
 * RMSNorm of every head, then rotation, as Qwen3 does to queries and keys.
 * x [T, heads, hd], w [hd] shared by all heads, pos [T] → [T, heads, hd].
 */
export function normedForward(
  x: Numbers,
  w: Numbers,
  eps: number,
  pos: Uint32Array,
  shape: RopeShape,
): Float64Array {
  expectShape('w', w, shape.hd);
  return forward(rmsnorm.forward(x, w, eps).y, pos, shape);
}

/** Gradient of `normedForward`: dy [T, heads, hd] → dx [T, heads, hd], dw [hd]. */
export function normedBackward(
  x: Numbers,
  w: Numbers,
  eps: number,
  dy: Numbers,
  pos: Uint32Array,
  shape: RopeShape,
): { dx: Float64Array; dw: Float64Array } {
  expectShape('w', w, shape.hd);
  return rmsnorm.backward(x, w, rmsnorm.forward(x, w, eps).rstd, backward(dy, pos, shape));
}

function rotate(x: Numbers, pos: Uint32Array, { heads, hd, theta }: RopeShape, sign: 1 | -1): Float64Array {
  expectShape('x', x, pos.length, heads, hd);
  if (hd % 2 !== 0) throw new RangeError(`The head dimension must be even to rotate pairs, but it is ${hd}.`);
  const half = hd / 2;
  const y = new Float64Array(x.length);
  for (let t = 0; t < pos.length; t++)
    for (let h = 0; h < heads; h++)
      for (let j = 0; j < half; j++) {
        const angle = sign * pos[t] * theta ** ((-2 * j) / hd);
        const first = (t * heads + h) * hd + j;
        const second = first + half;
        y[first] = x[first] * Math.cos(angle) - x[second] * Math.sin(angle);
        y[second] = x[second] * Math.cos(angle) + x[first] * Math.sin(angle);
      }
  return y;
}
