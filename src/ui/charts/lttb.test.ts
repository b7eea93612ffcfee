import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { lttb } from './lttb';

describe('lttb', () => {
  it.each([0, 1, 2, 3])('has the properties of a downsampling (seed %i)', (seed) => {
    const random = new Random(seed);
    const n = random.range(600, 5000);
    const limit = random.range(3, 500);
    const x = Float64Array.from({ length: n }, (_, i) => i);
    const y = Float64Array.from({ length: n }, () => random.normal());
    const kept = lttb(x, y, limit);
    expect(kept).toHaveLength(limit);
    expect([kept[0], kept.at(-1)]).toEqual([0, n - 1]);
    for (let i = 1; i < kept.length; i++) expect(kept[i]).toBeGreaterThan(kept[i - 1]);
  });

  it('keeps everything when little is there', () => {
    expect(lttb([1, 2, 3], [0, 0, 0], 5)).toEqual([0, 1, 2]);
    expect(lttb([], [], 5)).toEqual([]);
  });

  it('keeps a single spike in a flat line', () => {
    const y = new Float64Array(1000);
    y[437] = 1;
    expect(lttb(Float64Array.from(y.keys()), y, 20)).toContain(437);
  });
});
