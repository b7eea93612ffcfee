import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { planPrefill, type Fill, type Prefix, type Wave } from './prefill-plan';

const SEED = 20;
const prefix = (...tokens: number[]): Prefix => ({ tokens, length: tokens.length });
const empty = (slots: number): Prefix[] => Array.from({ length: slots }, () => prefix());
const rowsOf = (waves: readonly Wave[]) => waves.map(({ rows }) => rows.length);

/** Carries a plan out on caches that hold tokens instead of their keys and values; NaN where nothing is known. */
function carryOut(waves: readonly Wave[], caches: number[][]): void {
  for (const { copies, rows } of waves) {
    const targets = new Set(copies.map(({ to }) => to));
    for (const { from, to, length } of copies) {
      expect(targets.has(from), 'no cache is both copied from and to').toBe(false);
      caches[to] = [...caches[from].slice(0, length), ...caches[to].slice(length)];
    }
    for (const { slot, position, token } of rows) {
      const before = caches[slot].slice(0, position);
      expect(before).toHaveLength(position);
      caches[slot] = [...before, token];
    }
  }
}

describe('a prefill', () => {
  it('computes the prompt of a group once and copies it to the others', () => {
    const prompt = prefix(5, 6, 7);
    const waves = planPrefill(
      [0, 1, 2].map((slot) => ({ slot, prefix: prompt })),
      empty(3),
    );
    expect(waves).toEqual([
      { copies: [], rows: [5, 6, 7].map((token, position) => ({ slot: 0, position, token })) },
      { copies: [1, 2].map((to) => ({ from: 0, to, length: 3 })), rows: [] },
    ]);
  });

  it('computes what prompts begin with alike once', () => {
    const template = [1, 2, 3, 4];
    const fills = [10, 20, 20, 30].map((own, slot) => ({ slot, prefix: prefix(...template, own) }));
    const waves = planPrefill(fills, empty(4));
    // The first in full; one more token for each other question; a copy for the second of the group.
    expect(rowsOf(waves)).toEqual([5, 2, 0]);
  });

  it('does nothing for what a cache holds already', () => {
    const held = [prefix(1, 2, 3), prefix(9)];
    expect(planPrefill([{ slot: 0, prefix: prefix(1, 2) }], held)).toEqual([]);
    const longer = planPrefill([{ slot: 0, prefix: prefix(1, 2, 3, 4) }], [prefix(1, 2, 3), prefix(9)]);
    expect(longer).toEqual([{ copies: [], rows: [{ slot: 0, position: 3, token: 4 }] }]);
  });

  it('does not copy from a cache that is about to be overwritten', () => {
    const held = [prefix(1, 2, 3), prefix()];
    const fills = [
      { slot: 0, prefix: prefix(7, 8) },
      { slot: 1, prefix: prefix(1, 2, 3) },
    ];
    expect(rowsOf(planPrefill(fills, held))).toEqual([5]);
  });

  it('leaves every cache with its prefix and all others as they were, for any fills', () => {
    const random = new Random(SEED);
    const word = () => random.int(2);
    for (let trial = 0; trial < 300; trial++) {
      const slots = random.range(1, 8);
      const held = empty(slots);
      const caches: number[][] = Array.from({ length: slots }, () => []);
      for (let round = 0; round < 5; round++) {
        const prompts = Array.from({ length: 3 }, () =>
          prefix(...Array.from({ length: random.int(7) }, word)),
        );
        const chosen = random.shuffle([...caches.keys()]).slice(0, random.range(0, slots));
        const fills = chosen.map((slot): Fill => ({ slot, prefix: random.choice(prompts) }));
        const untouched = caches.map((cache) => [...cache]);
        carryOut(planPrefill(fills, held), caches);
        for (const [slot, cache] of caches.entries()) {
          const fill = fills.find((f) => f.slot === slot);
          const expected = fill ? Array.from(fill.prefix.tokens) : untouched[slot];
          expect(cache.slice(0, expected.length), `seed ${SEED}, trial ${trial}`).toEqual(expected);
          if (!fill) expect(cache).toEqual(expected);
          expect(held[slot].length).toBeLessThanOrEqual(cache.length);
        }
      }
    }
  });
});
