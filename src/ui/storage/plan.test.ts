import { expect, it } from 'vitest';
import { planPruning } from './plan';

const kept = [
  { step: 0, bytes: 10, score: 0.1 },
  { step: 20, bytes: 10, score: 0.8 },
  { step: 40, bytes: 10, score: 0.8 },
  { step: 50, bytes: 10 },
  { step: 60, bytes: 10, score: 0.7 },
];

it('keeps the newest in any case', () => {
  expect(planPruning(kept, { best: false, every: 0 })).toEqual({ keep: [60], count: 4, bytes: 40 });
});

it('keeps the best, of equal ones the later', () => {
  expect(planPruning(kept, { best: true, every: 0 })).toEqual({ keep: [40, 60], count: 3, bytes: 30 });
});

it('keeps those of every k-th step', () => {
  expect(planPruning(kept, { best: false, every: 25 }).keep).toEqual([0, 50, 60]);
});

it('has nothing to do where nothing is stored or measured', () => {
  expect(planPruning([], { best: true, every: 5 })).toEqual({ keep: [], count: 0, bytes: 0 });
  expect(planPruning([{ step: 5, bytes: 1 }], { best: true, every: 0 })).toEqual({
    keep: [5],
    count: 0,
    bytes: 0,
  });
});
