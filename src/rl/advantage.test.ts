import { expect, it } from 'vitest';
import golden from '../../e2e/golden/grpo.json';
import { groupAdvantages, type ScaleRewards } from './advantage';

it.each(golden)('$name, β $beta, $scale_rewards: as PyTorch', (example) => {
  const n = example.rewards[0].length;
  const { advantages } = groupAdvantages(example.rewards.flat(), n, example.scale_rewards as ScaleRewards);
  expect(advantages).toHaveLength(example.advantages.length);
  advantages.forEach((a, i) => expect(Math.abs(a - example.advantages[i])).toBeLessThan(1e-12));
});

it('by hand: one right answer of four, and a group that teaches nothing', () => {
  // mean 1/4; squared deviations 9/16 + 3·1/16 = 3/4; divided by n − 1 = 3: variance 1/4, std 1/2
  const { advantages, meanStd, zeroStdShare } = groupAdvantages([1, 0, 0, 0, 1, 1, 1, 1], 4, 'group');
  const low = -0.25 / 0.5001;
  [0.75 / 0.5001, low, low, low, 0, 0, 0, 0].forEach((a, i) => expect(advantages[i]).toBeCloseTo(a, 12));
  expect(meanStd).toBeCloseTo((0.5 + 0) / 2, 12);
  expect(zeroStdShare).toBe(0.5);
  expect([...groupAdvantages([1, 0, 0, 0], 4, 'none').advantages]).toEqual([0.75, -0.25, -0.25, -0.25]);
});

it('refuses rewards that do not divide into groups of at least two', () => {
  expect(() => groupAdvantages([1, 0, 1], 2, 'group')).toThrow('3 rewards do not form groups of 2');
  expect(() => groupAdvantages([1, 0], 1, 'group')).toThrow(RangeError);
});
