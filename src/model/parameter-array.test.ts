import { describe, expect, it } from 'vitest';
import { parameterLayout } from './layout';
import { cuts, spans } from './parameter-array';
import { QWEN_HALF_B } from './testing';

const layout = parameterLayout(QWEN_HALF_B);

describe.each([128, 32, 20])('the parameters of a 0.5B model in buffers of at most %d MiB', (mebibytes) => {
  const bytes = mebibytes * 2 ** 20;
  const found = cuts(layout, bytes);

  it('fit, one after the other, without a gap', () => {
    expect(found[0]).toBe(0);
    expect(found.at(-1)).toBe(layout.size);
    found.slice(1).forEach((end, i) => {
      expect(end).toBeGreaterThan(found[i]);
      expect((end - found[i]) * 4).toBeLessThanOrEqual(bytes);
    });
  });

  it('are cut between rows, where a binding may begin, and in nearly equal parts', () => {
    for (const block of layout.blocks) {
      const parts = spans(block, found);
      expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(block.size / block.columns);
      for (const { first, rows, offset } of parts) {
        expect([first % 1, rows % 1, (offset * 4) % 256]).toEqual([0, 0, 0]);
      }
      const most = Math.max(...parts.map(({ rows }) => rows));
      for (const { rows } of parts) expect(rows).toBeGreaterThan(0.9 * most);
    }
  });

  it('leave every block whole that fits', () => {
    for (const block of layout.blocks)
      if (block.size * 4 <= bytes) expect(spans(block, found)).toHaveLength(1);
  });
});

it('a model that fits one buffer has one', () => {
  expect(cuts(layout, 2 ** 32)).toEqual([0, layout.size]);
});

it('a row larger than a buffer is refused', () => {
  expect(() => cuts(layout, 3583)).toThrow(RangeError);
});
