import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Random } from '../../random';
import type { Gpu } from '../device';
import { sharedGpu } from '../testing';
import * as reference from '../reference';
import { Bench } from './bench';
import { freshSlots, runSampler, UNWRITTEN, type SamplerInput } from './slots';

const SEED = 20;
let gpu: Gpu;
let bench: Bench;
beforeAll(async () => {
  gpu = await sharedGpu();
});
beforeEach(() => {
  bench = new Bench(gpu, new Random(SEED));
});
afterEach(() => bench.destroy());

/** The same row of logits for every slot. */
function repeated(row: Float32Array, rows: number): Float32Array {
  return Float32Array.from({ length: rows * row.length }, (_, i) => row[i % row.length]);
}

/**
 * Pearson's χ² of counts against probabilities, as a standard normal number (Wilson & Hilferty 1931): above 4 once in
 * 30,000 draws of the true distribution. Cells that expect fewer than 5 draws are counted together.
 */
function chiSquare(counts: ArrayLike<number>, probabilities: Float64Array): number {
  const n = Array.from(counts).reduce((a, b) => a + b);
  const cells = Array.from(probabilities, (p, i) => ({ expected: p * n, seen: counts[i] }));
  const rare = cells.filter(({ expected }) => expected < 5);
  const sum = (key: 'expected' | 'seen') => rare.reduce((total, cell) => total + cell[key], 0);
  const all = [
    ...cells.filter(({ expected }) => expected >= 5),
    ...(sum('expected') >= 5 ? [{ expected: sum('expected'), seen: sum('seen') }] : []),
  ];
  const statistic = all.reduce((total, { expected, seen }) => total + (seen - expected) ** 2 / expected, 0);
  const freedom = all.length - 1;
  const spread = 2 / (9 * freedom);
  return (Math.cbrt(statistic / freedom) - (1 - spread)) / Math.sqrt(spread);
}

describe(`the distribution of 16,000 draws (seed ${SEED})`, () => {
  const [rows, times, vocab] = [80, 200, 24];
  const none = { temperature: 1, topK: 0, topP: 1, banned: [] as number[] };

  async function draw(row: Float32Array, { banned, ...settings }: typeof none) {
    const maxLength = times + 1;
    const input = { logits: repeated(row, rows), vocab, maxLength, banned };
    const slots = freshSlots(rows, maxLength);
    const { tokens } = await runSampler(
      bench,
      { ...input, slots, settings: { ...settings, seed: SEED } },
      times,
    );
    return tokens.filter((_, i) => i % maxLength !== 0);
  }

  const histogram = (ids: Iterable<number>, cells: number) => {
    const counts = new Uint32Array(cells);
    for (const id of ids) counts[id]++;
    return counts;
  };

  it.each([
    none,
    { ...none, temperature: 0.6 },
    { ...none, temperature: 2 },
    { ...none, topK: 5 },
    { ...none, topP: 0.7 },
    { ...none, topK: 12, topP: 0.8, temperature: 1.3 },
    { ...none, banned: [0, 3, 23] },
    { ...none, topK: 4, topP: 0.9, banned: [1, 2, 5, 8, 13, 21] },
  ])('fits temperature $temperature, top-k $topK, top-p $topP without $banned', async (settings) => {
    const row = bench.normals(vocab, 1.5);
    const counts = histogram(await draw(row, settings), vocab);
    const probabilities = reference.sample.probabilities(row, settings);
    expect(chiSquare(counts, probabilities)).toBeLessThan(4);
    probabilities.forEach((p, id) => {
      if (p === 0) expect(counts[id], `draws of token ${id}`).toBe(0);
    });
  });

  it('would not fit a temperature that is 10 % off', async () => {
    const row = bench.normals(vocab, 1.5);
    const counts = histogram(await draw(row, none), vocab);
    const off = reference.sample.probabilities(row, { ...none, temperature: 1.1 });
    expect(chiSquare(counts, off)).toBeGreaterThan(4);
  });

  it('is independent from one position to the next and from one stream to the next', async () => {
    const row = Float32Array.from({ length: vocab }, (_, id) => (id < 6 ? 0 : -1e30));
    const draws = await draw(row, none);
    const even = new Float64Array(36).fill(1 / 36);
    const pairs = (distance: number) =>
      histogram(
        Array.from(draws.subarray(distance), (id, i) => 6 * draws[i] + id),
        36,
      );
    expect(chiSquare(pairs(1), even)).toBeLessThan(4);
    expect(chiSquare(pairs(times), even)).toBeLessThan(4);
  });
});

describe('the random numbers', () => {
  const [rows, times, vocab] = [6, 20, 50];
  const maxLength = times + 1;
  const draw = (input: Partial<SamplerInput>) =>
    runSampler(
      bench,
      {
        logits: new Float32Array(rows * vocab),
        vocab,
        slots: freshSlots(rows, maxLength),
        maxLength,
        ...input,
      },
      times,
    );

  it('are the same for the same seed, and others for another seed, use of it, or stream of a slot', async () => {
    const once = await draw({ settings: { seed: 1, stream: 2 } });
    const again = await draw({ settings: { seed: 1, stream: 2 } });
    expect(again).toEqual(once);
    const shifted = freshSlots(rows, maxLength).map((slot) => ({ ...slot, stream: slot.stream + rows }));
    for (const other of [
      await draw({ settings: { seed: 3, stream: 2 } }),
      await draw({ settings: { seed: 1, stream: 3 } }),
      await draw({ settings: { seed: 1, stream: 2 }, slots: shifted }),
    ]) {
      const same = other.tokens.filter((token, i) => i % maxLength !== 0 && token === once.tokens[i]).length;
      expect(same).toBeLessThan((rows * times) / 8);
    }
  });

  it('belong to the slot and not to its row, so that dropping finished rows changes nothing', async () => {
    const all = await draw({});
    const some = await draw({ rowSlots: Uint32Array.of(4, 1) });
    for (const slot of [4, 1]) {
      const range = [slot * maxLength, (slot + 1) * maxLength] as const;
      expect(some.tokens.subarray(...range)).toEqual(all.tokens.subarray(...range));
    }
    expect(some.tokens.filter((token) => token !== UNWRITTEN)).toHaveLength(2 * times);
    expect(some.slots[0]).toEqual(freshSlots(rows, maxLength)[0]);
  });
});

describe('a slot', () => {
  const [vocab, maxLength] = [10, 8];
  /** Logits that leave no choice. */
  const only = (...ids: number[]) =>
    Float32Array.from({ length: ids.length * vocab }, (_, i) =>
      i % vocab === ids[Math.floor(i / vocab)] ? 50 : 0,
    );
  const slot = (changes: object) => ({ ...freshSlots(1, maxLength)[0], ...changes });

  it('ends after a stop token, or with the last token that its limit allows', async () => {
    const slots = [slot({}), slot({ stream: 1, limit: 5 }), slot({ stream: 2 })];
    const input = { logits: only(3, 4, 4), vocab, slots, maxLength, stops: [3] };
    const { slots: after, tokens } = await runSampler(bench, input, 20);
    expect(after.map(({ position, done }) => [position, done])).toEqual([
      [1, 1],
      [4, 1],
      [7, 1],
    ]);
    const written = (s: number) =>
      [...tokens.subarray(s * maxLength, (s + 1) * maxLength)].filter((t) => t !== UNWRITTEN);
    expect([0, 1, 2].map(written)).toEqual([[3], [4, 4, 4, 4], [4, 4, 4, 4, 4, 4, 4]]);
  });

  it('stays as it is once it is done', async () => {
    const slots = [slot({ token: 7, position: 3, done: 1 })];
    const {
      slots: after,
      tokens,
      logps,
    } = await runSampler(bench, { logits: only(2), vocab, slots, maxLength }, 3);
    expect(after).toEqual(slots);
    expect(tokens.every((token) => token === UNWRITTEN)).toBe(true);
    expect(logps.every(Number.isNaN)).toBe(true);
  });

  it('never draws a banned token, even by the largest random number there is', async () => {
    // Key (0, 0) and counter (35731943, 1) give 24 leading ones, which f32 rounds to u = 1: nothing is left to pick.
    const slots = [slot({ stream: 35731943 })];
    const input = { logits: new Float32Array(vocab), vocab, slots, maxLength, banned: [7, 8, 9] };
    const { tokens, logps } = await runSampler(bench, input, 1);
    expect(tokens[1]).toBeLessThan(7);
    expect(logps[1]).toBeCloseTo(-Math.log(7), 5);
  });
});
