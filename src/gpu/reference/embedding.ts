import { expectShape, type Numbers } from './numbers';

export interface EmbeddingShape {
  /** Vocabulary size. */
  V: number;
  d: number;
}

/**
 * y[t] = E[ids[t]]: ids [T], E [V, d] → [T, d].
 * @throws RangeError when an id is not below V.
 */
export function forward(ids: Uint32Array, E: Numbers, { V, d }: EmbeddingShape): Float64Array {
  expectShape('E', E, V, d);
  checkIds(ids, V);
  const y = new Float64Array(ids.length * d);
  ids.forEach((id, t) => y.set(E.subarray(id * d, (id + 1) * d), t * d));
  return y;
}

/**
 * dE[id] = Σ over t with ids[t] = id of dy[t]: ids [T], dy [T, d] → [V, d].
 * @throws RangeError when an id is not below V.
 */
export function backward(ids: Uint32Array, dy: Numbers, { V, d }: EmbeddingShape): Float64Array {
  expectShape('dy', dy, ids.length, d);
  checkIds(ids, V);
  const dE = new Float64Array(V * d);
  for (let t = 0; t < ids.length; t++) for (let c = 0; c < d; c++) dE[ids[t] * d + c] += dy[t * d + c];
  return dE;
}

function checkIds(ids: Uint32Array, V: number): void {
  const t = ids.findIndex((id) => id >= V);
  if (t >= 0) throw new RangeError(`Token ${t} has id ${ids[t]}, but the vocabulary ends at ${V - 1}.`);
}
