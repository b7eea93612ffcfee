import { expectShape, type Numbers } from './numbers';

/** The target of a token that carries no loss. */
export const NO_TARGET = 0xffffffff;

/**
 * With z = logits / temperature and p = softmax(z): lse = log Σ exp(z), logp = z[target] − lse and
 * entropy = −Σ p log p, all in nats. Rows whose target is NO_TARGET are zero in all three.
 * logits [T, V], target [T] → logp [T], entropy [T], lse [T].
 * @throws RangeError when a target is neither NO_TARGET nor below V, or the temperature is not above 0.
 */
export function forward(
  logits: Numbers,
  target: Uint32Array,
  temperature: number,
): { logp: Float64Array; entropy: Float64Array; lse: Float64Array } {
  const T = target.length;
  const logp = new Float64Array(T);
  const entropy = new Float64Array(T);
  const lse = new Float64Array(T);
  forEachTarget(logits, target, temperature, (t, row) => {
    logp[t] = row.logp[target[t]];
    entropy[t] = row.entropy;
    lse[t] = row.lse;
  });
  return { logp, entropy, lse };
}

/**
 * dlogits = (gLogp · (onehot(target) − p) − gEntropy · p · (log p + entropy)) / temperature, where gLogp and gEntropy
 * are the gradients of the loss with respect to `logp` and `entropy`. Rows whose target is NO_TARGET are zero.
 * logits [T, V], target, gLogp, gEntropy [T] → [T, V].
 * @throws RangeError as `forward`.
 */
export function backward(
  logits: Numbers,
  target: Uint32Array,
  temperature: number,
  gLogp: Numbers,
  gEntropy: Numbers,
): Float64Array {
  expectShape('gLogp', gLogp, target.length);
  expectShape('gEntropy', gEntropy, target.length);
  const dlogits = new Float64Array(logits.length);
  forEachTarget(logits, target, temperature, (t, { logp, entropy }) => {
    logp.forEach((lp, i) => {
      const p = Math.exp(lp);
      const onehot = i === target[t] ? 1 : 0;
      const dEntropy = p > 0 ? -p * (lp + entropy) : 0;
      dlogits[t * logp.length + i] = (gLogp[t] * (onehot - p) + gEntropy[t] * dEntropy) / temperature;
    });
  });
  return dlogits;
}

interface Row {
  /** log p of every token of the vocabulary. */
  logp: Float64Array;
  entropy: number;
  lse: number;
}

function forEachTarget(
  logits: Numbers,
  target: Uint32Array,
  temperature: number,
  visit: (t: number, row: Row) => void,
): void {
  if (!(temperature > 0)) throw new RangeError(`The temperature must be above 0, but it is ${temperature}.`);
  const V = target.length === 0 ? 0 : Math.floor(logits.length / target.length);
  expectShape('logits', logits, target.length, V);
  target.forEach((id, t) => {
    if (id === NO_TARGET) return;
    if (id >= V) throw new RangeError(`Token ${t} has target ${id}, but the vocabulary ends at ${V - 1}.`);
    const z = Float64Array.from(logits.subarray(t * V, (t + 1) * V), (logit) => logit / temperature);
    const max = z.reduce((a, b) => Math.max(a, b));
    const lse = max + Math.log(z.reduce((sum, value) => sum + Math.exp(value - max), 0));
    const logp = z.map((value) => value - lse);
    const entropy = logp.reduce((sum, lp) => (lp === -Infinity ? sum : sum - Math.exp(lp) * lp), 0);
    visit(t, { logp, entropy, lse });
  });
}
