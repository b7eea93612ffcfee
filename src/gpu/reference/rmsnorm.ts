import { expectShape, type Numbers } from './numbers';

/**
 * y = x · rstd · w with rstd = 1 / √(mean(x²) + eps), per row (Zhang & Sennrich 2019).
 * x [T, d], w [d] → y [T, d], rstd [T].
 */
export function forward(x: Numbers, w: Numbers, eps: number): { y: Float64Array; rstd: Float64Array } {
  const d = w.length;
  const T = x.length / d;
  expectShape('x', x, Math.floor(T), d);
  const y = new Float64Array(T * d);
  const rstd = new Float64Array(T);
  for (let t = 0; t < T; t++) {
    let squares = 0;
    for (let c = 0; c < d; c++) squares += x[t * d + c] ** 2;
    rstd[t] = 1 / Math.sqrt(squares / d + eps);
    for (let c = 0; c < d; c++) y[t * d + c] = x[t * d + c] * rstd[t] * w[c];
  }
  return { y, rstd };
}

/**
 * With n = x · rstd and g = dy · w: dx = rstd · (g − n · mean(g · n)), dw = Σ_t dy · n.
 * x [T, d], w [d], rstd [T] from the forward pass, dy [T, d] → dx [T, d], dw [d].
 */
export function backward(
  x: Numbers,
  w: Numbers,
  rstd: Numbers,
  dy: Numbers,
): { dx: Float64Array; dw: Float64Array } {
  const d = w.length;
  const T = rstd.length;
  expectShape('x', x, T, d);
  expectShape('dy', dy, T, d);
  const dx = new Float64Array(T * d);
  const dw = new Float64Array(d);
  for (let t = 0; t < T; t++) {
    let mean = 0;
    for (let c = 0, i = t * d; c < d; c++, i++) {
      const n = x[i] * rstd[t];
      mean += (dy[i] * w[c] * n) / d;
      dw[c] += dy[i] * n;
    }
    for (let c = 0, i = t * d; c < d; c++, i++) dx[i] = rstd[t] * (dy[i] * w[c] - x[i] * rstd[t] * mean);
  }
  return { dx, dw };
}
