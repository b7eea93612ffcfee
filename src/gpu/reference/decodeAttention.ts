import { attendHead, groupSize } from './attendHead';
import type { AttentionShape } from './attention';
import { expectShape, type Numbers } from './numbers';

/**
 * One query per row against the first length[m] cached tokens of its slot, its own token among them; a row of
 * length 0 gives zeros. Query head h reads key/value head ⌊h · KV / H⌋.
 * q [M, H, hd], kCache and vCache [S, maxLen, KV, hd], slot [M], length [M] → o [M, H, hd].
 * @throws RangeError when a slot or a length lies outside the cache.
 */
export function forward(
  q: Numbers,
  kCache: Numbers,
  vCache: Numbers,
  slot: Uint32Array,
  length: Uint32Array,
  { H, KV, hd, maxLen }: AttentionShape & { maxLen: number },
): Float64Array {
  const M = slot.length;
  const S = Math.floor(kCache.length / (maxLen * KV * hd));
  const group = groupSize(H, KV);
  expectShape('q', q, M, H, hd);
  expectShape('kCache', kCache, S, maxLen, KV, hd);
  expectShape('vCache', vCache, S, maxLen, KV, hd);
  expectShape('length', length, M);
  const o = new Float64Array(q.length);
  for (let m = 0; m < M; m++) {
    if (slot[m] >= S || length[m] > maxLen)
      throw new RangeError(
        `Row ${m} reads ${length[m]} tokens of slot ${slot[m]}, but the cache is [${S}, ${maxLen}].`,
      );
    for (let h = 0; h < H; h++)
      attendHead(q, kCache, vCache, o, {
        hd,
        query: (m * H + h) * hd,
        key: (slot[m] * maxLen * KV + Math.floor(h / group)) * hd,
        stride: KV * hd,
        count: length[m],
      });
  }
  return o;
}
