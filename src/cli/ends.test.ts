import { expect, it } from 'vitest';
import { endLines } from './ends';

const line = (step: number, own: number, arrows: number) => ({
  step,
  'eval/greedy/accuracy': own,
  'eval/sampled/mean_length': 10 * own,
  'eval/arrows:1/greedy/accuracy': arrows,
});

it('holds the first evaluation against the newest, a line for each set', () => {
  const lines = endLines([line(0, 0.1, 0.5), { step: 1, reward: 1 }, line(2, 0.9, 0.25)], 'countdown');
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/^ +Accuracy, greedy, % +Accuracy, sampled, % +Length, tokens/);
  expect(lines[1]).toMatch(/^countdown +10\.0 → 90\.0 +– → – +1\.00 → 9\.00/);
  expect(lines[2]).toMatch(/^ arrows:1 +50\.0 → 25\.0 +– → –/);
});

it('says nothing before there is something to compare', () => {
  expect(endLines([], 'countdown')).toEqual([]);
  expect(endLines([line(0, 0.1, 0.5), { step: 1, reward: 1 }], 'countdown')).toEqual([]);
});
