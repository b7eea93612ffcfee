import { describe, expect, it } from 'vitest';
import { cellsOf } from './sweep';

describe('a grid', () => {
  it('is every combination, the last setting changing fastest', () => {
    const cells = cellsOf({ base: 'aha-quick', grid: { 'rollout.temperature': [0.8, 1.2], seed: [0, 1] } });
    expect(cells.map(({ name }) => name)).toEqual([
      'temperature-0.8_seed-0',
      'temperature-0.8_seed-1',
      'temperature-1.2_seed-0',
      'temperature-1.2_seed-1',
    ]);
    expect(cells[2].experiment.rollout).toMatchObject({ temperature: 1.2, queries_per_step: 8 });
    expect(cells[3].experiment.seed).toBe(1);
  });

  it('of nothing is the base alone', () => {
    expect(cellsOf({ grid: {} }).map(({ name }) => name)).toEqual(['base']);
  });

  it.each([
    ['no grid', {}, /grid/],
    ['no values', { grid: { seed: [] } }, /grid\.seed/],
    ['an unknown preset', { base: 'ahah', grid: {} }, /no preset "ahah"/],
    ['an unknown setting', { grid: { 'rollout.warmth': [1] } }, /rollout/],
    ['a value out of range', { grid: { seed: [0, -1] } }, /seed/],
    ['a setting too deep', { grid: { 'a.b.c': [1] } }, /a\.b\.c/],
    ['the same values twice', { grid: { seed: [1, 1] } }, /same values: seed-1/],
    [
      'more than can be run',
      { grid: { seed: Array.from({ length: 1001 }, (_, i) => i) } },
      /1001 combinations/,
    ],
  ])('with %s is refused before anything runs', (_, document, why) => {
    expect(() => cellsOf(document)).toThrow(why);
  });
});
