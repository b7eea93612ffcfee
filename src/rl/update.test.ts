import { expect, it } from 'vitest';
import { Random } from '../random';
import { microBatches } from './update';

const sequence = (prompt: number, completion: number) => ({
  promptIds: Array.from({ length: prompt }, (_, i) => i),
  tokens: new Uint32Array(completion),
});
const size = (s: ReturnType<typeof sequence>) => s.promptIds.length + s.tokens.length;

it('fills a micro-batch to the brim, then begins another', () => {
  const [a, b, c, d] = [sequence(2, 3), sequence(2, 3), sequence(2, 4), sequence(1, 1)];
  expect(microBatches([a, b, c, d], 10)).toEqual([
    { first: 0, sequences: [a, b] },
    { first: 2, sequences: [c, d] },
  ]);
  expect(microBatches([], 10)).toEqual([]);
});

it('keeps the order, loses nothing and stays within the capacity', () => {
  const seed = 11;
  const random = new Random(seed);
  for (let round = 0; round < 200; round++) {
    const capacity = random.range(10, 60);
    const all = Array.from({ length: random.range(0, 30) }, () =>
      sequence(random.range(1, 5), random.range(0, 5)),
    );
    const batches = microBatches(all, capacity);
    const context = `seed ${seed}, round ${round}`;
    expect(
      batches.flatMap((batch) => batch.sequences),
      context,
    ).toEqual(all);
    let first = 0;
    for (const batch of batches) {
      expect(batch.first, context).toBe(first);
      expect(batch.sequences.length, context).toBeGreaterThan(0);
      expect(
        batch.sequences.reduce((sum, s) => sum + size(s), 0),
        context,
      ).toBeLessThanOrEqual(capacity);
      first += batch.sequences.length;
    }
  }
});
