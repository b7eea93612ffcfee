import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { relativeError } from './numbers';
import * as sample from './sample';
import { normals } from './testing';

const plain = { temperature: 1, topK: 0, topP: 1, banned: [] };
const logs = (...p: number[]) => Float64Array.from(p, Math.log);
const rounded = (p: Float64Array) => [...p].map((x) => Number(x.toFixed(12)));

describe('probabilities', () => {
  it('is the softmax of the logits over the temperature', () => {
    expect(rounded(sample.probabilities(logs(0.1, 0.4, 0.5), plain))).toEqual([0.1, 0.4, 0.5]);
    expect(rounded(sample.probabilities(logs(0.2, 0.4), { ...plain, temperature: 0.5 }))).toEqual([0.2, 0.8]);
  });

  it('keeps the k likeliest tokens and those as likely as the k-th', () => {
    const logits = logs(0.1, 0.2, 0.2, 0.5);
    expect(rounded(sample.probabilities(logits, { ...plain, topK: 1 }))).toEqual([0, 0, 0, 1]);
    const two = rounded(sample.probabilities(logits, { ...plain, topK: 2 }));
    expect(two).toEqual([0, 0.222222222222, 0.222222222222, 0.555555555556]);
    expect(rounded(sample.probabilities(logits, { ...plain, topK: 9 }))).toEqual([0.1, 0.2, 0.2, 0.5]);
  });

  it('keeps the smallest set with the mass p, its ties included', () => {
    const logits = logs(0.125, 0.25, 0.125, 0.5);
    const kept = (topP: number) => [...sample.probabilities(logits, { ...plain, topP })].map((p) => p > 0);
    expect(kept(0.01)).toEqual([false, false, false, true]);
    expect(kept(0.49)).toEqual([false, false, false, true]);
    expect(kept(0.51)).toEqual([false, true, false, true]);
    expect(kept(0.76)).toEqual([true, true, true, true]);
    expect(kept(1)).toEqual([true, true, true, true]);
  });

  it('measures the mass of top-p after top-k', () => {
    const logits = logs(0.3, 0.2, 0.5);
    expect(rounded(sample.probabilities(logits, { ...plain, topP: 0.6 }))).toEqual([0.375, 0, 0.625]);
    expect(rounded(sample.probabilities(logits, { ...plain, topK: 2, topP: 0.6 }))).toEqual([0, 0, 1]);
  });

  it('takes the first of the likeliest tokens at temperature 0', () => {
    const greedy = { ...plain, temperature: 0 };
    expect([...sample.probabilities(Float64Array.of(1, 3, 3, 2), greedy)]).toEqual([0, 1, 0, 0]);
    expect([...sample.probabilities(Float64Array.of(1, 3, 3, 2), { ...greedy, banned: [1, 2] })]).toEqual([
      0, 0, 0, 1,
    ]);
  });

  it('gives banned tokens nothing and shares their mass, before top-k and top-p', () => {
    expect(rounded(sample.probabilities(logs(0.5, 0.1, 0.4), { ...plain, banned: [0] }))).toEqual([
      0, 0.2, 0.8,
    ]);
    expect(rounded(sample.probabilities(logs(0.5, 0.1, 0.4), { ...plain, topK: 1, banned: [0] }))).toEqual([
      0, 0, 1,
    ]);
  });

  it('refuses logits without a token to sample', () => {
    expect(() => sample.probabilities(Float64Array.of(1, 2), { ...plain, banned: [0, 1] })).toThrow(
      RangeError,
    );
    expect(() => sample.probabilities(Float64Array.of(1, NaN), plain)).toThrow(RangeError);
  });

  it.each([1, 2, 3, 4, 5])('holds its promises on random logits (seed %i)', (seed) => {
    const random = new Random(seed);
    const logits = normals(random, 37).map((z) => 2 * z);
    const options = {
      temperature: 0.5 + random.next(),
      topK: random.range(2, 36),
      topP: random.next(),
      banned: [random.int(37)],
    };
    const all = sample.probabilities(logits, { ...options, topK: 0, topP: 1 });
    const topK = sample.probabilities(logits, { ...options, topP: 1 });
    const p = sample.probabilities(logits, options);
    const kept = [...p.keys()].filter((id) => p[id] > 0);

    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(topK.filter((x) => x > 0)).toHaveLength(options.topK);
    expect(p[options.banned[0]]).toBe(0);
    const least = Math.min(...kept.map((id) => all[id]));
    expect(all.every((x, id) => p[id] > 0 || x < least)).toBe(true);
    const mass = kept.reduce((sum, id) => sum + topK[id], 0);
    expect(mass).toBeGreaterThanOrEqual(options.topP);
    expect(mass - Math.min(...kept.map((id) => topK[id]))).toBeLessThan(options.topP);
    for (const id of kept) expect(p[id]).toBeCloseTo(topK[id] / mass, 12);
  });
});

describe('sampleFromUniform', () => {
  it('inverts the cumulative distribution and never draws probability 0', () => {
    const p = Float64Array.of(0, 0.25, 0, 0.5, 0.25, 0);
    const draws = [0, 0.2499, 0.25, 0.7499, 0.75, 1 - 2 ** -32, 1].map((u) => sample.sampleFromUniform(p, u));
    expect(draws).toEqual([1, 1, 3, 3, 4, 4, 4]);
  });

  it('has the frequencies of the distribution on an even grid of u', () => {
    const p = sample.probabilities(normals(new Random(6), 13), plain);
    const n = 100_000;
    const frequency = new Float64Array(13);
    for (let i = 0; i < n; i++) frequency[sample.sampleFromUniform(p, (i + 0.5) / n)] += 1 / n;
    expect(relativeError(frequency, p)).toBeLessThan(1e-4);
  });
});
