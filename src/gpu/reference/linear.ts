import { expectShape, type Numbers } from './numbers';

/** W is [N, K] as in Hugging Face files: N outputs, K inputs. */
export interface LinearShape {
  T: number;
  N: number;
  K: number;
}

/** y = x Wᵀ + bias: x [T, K], W [N, K], bias [N] → [T, N]. */
export function forward(x: Numbers, W: Numbers, { T, N, K }: LinearShape, bias?: Numbers): Float64Array {
  expectShape('x', x, T, K);
  expectShape('W', W, N, K);
  if (bias) expectShape('bias', bias, N);
  const y = new Float64Array(T * N);
  for (let t = 0; t < T; t++)
    for (let n = 0; n < N; n++) {
      let sum = bias ? bias[n] : 0;
      for (let k = 0; k < K; k++) sum += x[t * K + k] * W[n * K + k];
      y[t * N + n] = sum;
    }
  return y;
}

/** dx = dy W: dy [T, N], W [N, K] → [T, K]. */
export function backwardInput(dy: Numbers, W: Numbers, { T, N, K }: LinearShape): Float64Array {
  expectShape('dy', dy, T, N);
  expectShape('W', W, N, K);
  const dx = new Float64Array(T * K);
  for (let t = 0; t < T; t++)
    for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) dx[t * K + k] += dy[t * N + n] * W[n * K + k];
  return dx;
}

/** dW = dyᵀ x: dy [T, N], x [T, K] → [N, K]. */
export function backwardWeight(dy: Numbers, x: Numbers, { T, N, K }: LinearShape): Float64Array {
  expectShape('dy', dy, T, N);
  expectShape('x', x, T, K);
  const dW = new Float64Array(N * K);
  for (let t = 0; t < T; t++)
    for (let n = 0; n < N; n++) for (let k = 0; k < K; k++) dW[n * K + k] += dy[t * N + n] * x[t * K + k];
  return dW;
}

/** dbias = Σ_t dy[t]: dy [T, N] → [N]. */
export function backwardBias(dy: Numbers, { T, N }: Pick<LinearShape, 'T' | 'N'>): Float64Array {
  expectShape('dy', dy, T, N);
  const dbias = new Float64Array(N);
  for (let t = 0; t < T; t++) for (let n = 0; n < N; n++) dbias[n] += dy[t * N + n];
  return dbias;
}
