import type { Numbers } from './numbers';

/** One query head: where its query lies, and the rows of keys and values it sees. Offsets are in elements. */
interface Head {
  hd: number;
  /** Start of the query, and of the output. */
  query: number;
  /** Start of the first key, and of the first value. */
  key: number;
  /** From one key to the next. */
  stride: number;
  /** How many keys it sees. */
  count: number;
}

/**
 * o = Σ_j softmax_j(q · k_j / √hd) v_j, written into `o`; returns the natural log of Σ_j exp(q · k_j / √hd).
 * Without any key the output stays as it was.
 */
export function attendHead(q: Numbers, k: Numbers, v: Numbers, o: Float64Array, head: Head): number {
  const { hd, query, key, stride, count } = head;
  const scores = Array.from({ length: count }, (_, j) => {
    let score = 0;
    for (let c = 0; c < hd; c++) score += q[query + c] * k[key + j * stride + c];
    return score / Math.sqrt(hd);
  });
  const max = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const lse = max + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - max), 0));
  scores.forEach((score, j) => {
    const p = Math.exp(score - lse);
    for (let c = 0; c < hd; c++) o[query + c] += p * v[key + j * stride + c];
  });
  return lse;
}

/** Query heads per key/value head. Query head h reads key/value head ⌊h / group⌋. */
export function groupSize(H: number, KV: number): number {
  if (H % KV !== 0) throw new RangeError(`${H} query heads cannot share ${KV} key/value heads evenly.`);
  return H / KV;
}
