import { expect, it } from 'vitest';
import { Random } from '../random';
import { advantages, groupSpread, type AdvantageSettings } from './advantage';

const GROUPS = [
  [0, 1, 2, 3],
  [4, 5, 6, 7],
];
const ONES = new Array<number>(8).fill(1);
const of = (rewards: number[], settings: AdvantageSettings, lengths = ONES) => [
  ...advantages(rewards, lengths, GROUPS, settings),
];
const close = (got: number[], want: number[]) => want.forEach((a, i) => expect(got[i]).toBeCloseTo(a, 12));

it('group: one right answer of four, and a group that teaches nothing', () => {
  const rewards = [1, 0, 0, 0, 1, 1, 1, 1];
  // mean 1/4; squared deviations 9/16 + 3·1/16 = 3/4; divided by n − 1 = 3: variance 1/4, std 1/2
  const low = -0.25 / 0.5001;
  close(of(rewards, { estimator: 'group', scale: 'group' }), [0.75 / 0.5001, low, low, low, 0, 0, 0, 0]);
  close(of(rewards, { estimator: 'group', scale: 'none' }), [0.75, -0.25, -0.25, -0.25, 0, 0, 0, 0]);
  // The batch: mean 5/8, squared deviations 5·9/64 + 3·25/64 = 120/64, over 7.
  const std = Math.sqrt(120 / 64 / 7) + 1e-4;
  close(of(rewards, { estimator: 'group', scale: 'batch' }), [
    0.75 / std,
    -0.25 / std,
    -0.25 / std,
    -0.25 / std,
    0,
  ]);
  expect(groupSpread(rewards, GROUPS)).toEqual({ meanStd: 0.25, zeroStdShare: 0.5 });
});

it('rloo: against the mean of the others', () => {
  const third = 1 / 3;
  close(of([1, 0, 0, 0, 3, 1, 1, 1], { estimator: 'rloo', scale: 'group' }), [
    1,
    -third,
    -third,
    -third,
    2,
    -2 * third,
  ]);
});

it('reinforce and its group baseline: mean 0 and variance 1 over tokens, not over responses', () => {
  const random = new Random(5);
  for (const estimator of ['reinforce', 'reinforce_baseline'] as const) {
    const rewards = ONES.map(() => random.next());
    const lengths = ONES.map(() => random.range(1, 50));
    const a = of(rewards, { estimator, scale: 'group' }, lengths);
    const tokens = lengths.reduce((x, y) => x + y, 0);
    const mean = a.reduce((sum, x, i) => sum + x * lengths[i], 0) / tokens;
    const variance = a.reduce((sum, x, i) => sum + (x - mean) ** 2 * lengths[i], 0) / (tokens - 1);
    expect(mean).toBeCloseTo(0, 10);
    expect(variance).toBeCloseTo(1, 5);
  }
});

it('gives responses that are in no group nothing, and does not let them count', () => {
  const part = [GROUPS[0]];
  const a = advantages([1, 0, 1, 0, 100, 100, 0, 0], ONES, part, { estimator: 'group', scale: 'batch' });
  expect([...a.slice(4)]).toEqual([0, 0, 0, 0]);
  expect(a[0]).toBeCloseTo(0.5 / (Math.sqrt(1 / 3) + 1e-4), 12);
  expect([...advantages([1, 2], [1, 1], [], { estimator: 'reinforce', scale: 'none' })]).toEqual([0, 0]);
});

it('refuses to compare within a group of one', () => {
  for (const estimator of ['group', 'rloo', 'reinforce_baseline'] as const)
    expect(() => advantages([1], [1], [[0]], { estimator, scale: 'none' })).toThrow('a group of one');
  expect(() =>
    advantages([1, 0], [3, 3], [[0], [1]], { estimator: 'reinforce', scale: 'none' }),
  ).not.toThrow();
});
