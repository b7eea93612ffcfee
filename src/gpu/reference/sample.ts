import type { Numbers } from './numbers';

export interface SamplingOptions {
  /** Divides the logits; 0 is greedy. */
  temperature: number;
  /** Keep the k likeliest tokens, 0 is off. */
  topK: number;
  /** Keep the smallest set of likeliest tokens with at least this mass after top-k, 1 is off. */
  topP: number;
  /** Ids that never occur. */
  banned: readonly number[];
}

/**
 * The exact distribution the sampler draws from: ban, divide by the temperature, top-k, top-p, normalise (the order
 * of Hugging Face's logits warpers). Tokens as likely as the last one kept are kept too, by top-k and top-p alike.
 * Temperature 0 puts everything on the first of the likeliest tokens. logits [V] → [V], sum 1.
 * @throws RangeError when no token is left, or a logit is NaN or +∞.
 */
export function probabilities(logits: Numbers, options: SamplingOptions): Float64Array {
  const { temperature, topK, topP, banned } = options;
  const z = Float64Array.from(logits);
  for (const id of banned) z[id] = -Infinity;
  const max = z.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(max))
    throw new RangeError(`There is no token to sample: the largest logit that is not banned is ${max}.`);
  if (temperature === 0) {
    const first = z.indexOf(max);
    return z.map((_, i) => (i === first ? 1 : 0));
  }
  const all = z.map((value) => Math.exp((value - max) / temperature));
  const likeliest = keepAbove(all, topK > 0 && topK < all.length ? descending(all)[topK - 1] : 0);
  return normalise(topP < 1 ? keepAbove(likeliest, nucleusThreshold(likeliest, topP)) : likeliest);
}

/**
 * Inverse of the cumulative distribution, in the order of the ids: the first id whose cumulative probability
 * exceeds u. A token of probability 0 is never drawn. probs [V], u in [0, 1).
 */
export function sampleFromUniform(probs: Numbers, u: number): number {
  let cumulative = 0;
  let last = 0;
  for (let id = 0; id < probs.length; id++) {
    if (probs[id] === 0) continue;
    cumulative += probs[id];
    last = id;
    if (cumulative > u) break;
  }
  return last;
}

/** The least weight in the smallest set of largest weights that has the share topP of the total. */
function nucleusThreshold(weights: Float64Array, topP: number): number {
  const sorted = descending(weights);
  const needed = topP * sum(sorted);
  let mass = 0;
  for (const weight of sorted) {
    mass += weight;
    if (mass >= needed) return weight;
  }
  return 0;
}

function keepAbove(weights: Float64Array, threshold: number): Float64Array {
  return weights.map((weight) => (weight >= threshold ? weight : 0));
}

function normalise(weights: Float64Array): Float64Array {
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

function descending(weights: Float64Array): Float64Array {
  return weights.toSorted((a, b) => b - a);
}

function sum(weights: Float64Array): number {
  return weights.reduce((a, b) => a + b, 0);
}
