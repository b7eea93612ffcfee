import { attendHead, groupSize } from './attendHead';
import { expectShape, type Numbers } from './numbers';

export interface AttentionShape {
  /** Query heads, a multiple of KV. */
  H: number;
  /** Key/value heads. */
  KV: number;
  hd: number;
}

/**
 * Causal grouped-query attention over sequences packed end to end: token t sees the tokens segStart[t] … t, and
 * o = softmax(q kᵀ / √hd) v. Query head h reads key/value head ⌊h · KV / H⌋.
 * q [T, H, hd], k and v [T, KV, hd], segStart [T] → o [T, H, hd], lse [T, H] = log Σ exp(q kᵀ / √hd).
 */
export function forward(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  segStart: Uint32Array,
  { H, KV, hd }: AttentionShape,
): { o: Float64Array; lse: Float64Array } {
  const T = segStart.length;
  const group = groupSize(H, KV);
  expectShape('q', q, T, H, hd);
  expectShape('k', k, T, KV, hd);
  expectShape('v', v, T, KV, hd);
  const o = new Float64Array(T * H * hd);
  const lse = new Float64Array(T * H);
  for (let t = 0; t < T; t++)
    for (let h = 0; h < H; h++)
      lse[t * H + h] = attendHead(q, k, v, o, {
        hd,
        query: (t * H + h) * hd,
        key: (segStart[t] * KV + Math.floor(h / group)) * hd,
        stride: KV * hd,
        count: t + 1 - segStart[t],
      });
  return { o, lse };
}

/**
 * With P = exp(q kᵀ / √hd − lse), dP = dO vᵀ and D = Σ_c dO · o (Dao et al. 2022, FlashAttention):
 * dv = Pᵀ dO, dS = P · (dP − D), dq = dS k / √hd, dk = dSᵀ q / √hd; dk and dv sum over the query heads of a group.
 * q, o, dO [T, H, hd], k and v [T, KV, hd], lse [T, H], segStart and segEnd [T] → dq, dk, dv.
 * @throws RangeError when segStart and segEnd do not bound the same sequences.
 */
export function backward(
  q: Numbers,
  k: Numbers,
  v: Numbers,
  o: Numbers,
  lse: Numbers,
  dO: Numbers,
  segStart: Uint32Array,
  segEnd: Uint32Array,
  { H, KV, hd }: AttentionShape,
): { dq: Float64Array; dk: Float64Array; dv: Float64Array } {
  const T = segStart.length;
  const group = groupSize(H, KV);
  for (const [name, array] of Object.entries({ q, o, dO })) expectShape(name, array, T, H, hd);
  for (const [name, array] of Object.entries({ k, v })) expectShape(name, array, T, KV, hd);
  expectShape('lse', lse, T, H);
  checkSegments(segStart, segEnd);
  const dq = new Float64Array(q.length);
  const dk = new Float64Array(k.length);
  const dv = new Float64Array(v.length);
  for (let t = 0; t < T; t++)
    for (let h = 0; h < H; h++) {
      const query = (t * H + h) * hd;
      let D = 0;
      for (let c = 0; c < hd; c++) D += dO[query + c] * o[query + c];
      for (let j = segStart[t]; j <= t; j++) {
        const key = (j * KV + Math.floor(h / group)) * hd;
        let score = 0;
        let dP = 0;
        for (let c = 0; c < hd; c++) {
          score += (q[query + c] * k[key + c]) / Math.sqrt(hd);
          dP += dO[query + c] * v[key + c];
        }
        const P = Math.exp(score - lse[t * H + h]);
        const dS = (P * (dP - D)) / Math.sqrt(hd);
        for (let c = 0; c < hd; c++) {
          dq[query + c] += dS * k[key + c];
          dk[key + c] += dS * q[query + c];
          dv[key + c] += P * dO[query + c];
        }
      }
    }
  return { dq, dk, dv };
}

function checkSegments(segStart: Uint32Array, segEnd: Uint32Array): void {
  expectShape('segEnd', segEnd, segStart.length);
  segStart.forEach((start, t) => {
    const first = t === 0 || segEnd[t - 1] === t;
    if (
      start !== (first ? t : segStart[t - 1]) ||
      segEnd[t] !== segEnd[start] ||
      segEnd[t] <= t ||
      segEnd[t] > segEnd.length
    )
      throw new RangeError(
        `Token ${t} has sequence bounds [${start}, ${segEnd[t]}), which do not fit its neighbours.`,
      );
  });
}
