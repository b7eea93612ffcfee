import { expect, it } from 'vitest';
import { Random } from '../random';
import { accuracyOf, passChance } from './accuracy';

const right = { correct: true, finished: true, verdict: { correct: true, extracted: '2 + 2', reason: '' } };
const wrong = (text: string | null) => ({
  correct: false,
  finished: true,
  verdict: { correct: false, extracted: text, reason: '' },
});

it('greedy: the share of right answers, with an interval over problems', () => {
  const { accuracy, passAtK, majority } = accuracyOf([right, right, wrong('5'), right], 1);
  expect(accuracy.mean).toBe(0.75);
  expect(accuracy.low).toBeLessThan(0.75);
  expect(accuracy.high).toBeGreaterThan(0.75);
  expect(passAtK).toEqual({});
  expect(majority).toBeUndefined();
});

it('pass@k is the chance that a drawn handful holds a right answer', () => {
  // 2 right of 4: of the 6 pairs, one has none.
  expect(passChance(4, 2, 2)).toBeCloseTo(5 / 6, 12);
  expect([passChance(4, 0, 2), passChance(4, 3, 2), passChance(4, 1, 1)]).toEqual([0, 1, 0.25]);
  const seed = 4;
  const random = new Random(seed);
  const [n, c, k, rounds] = [9, 3, 4, 20_000];
  let hits = 0;
  for (let i = 0; i < rounds; i++) {
    const drawn = random.shuffle(Array.from({ length: n }, (_, j) => j)).slice(0, k);
    hits += Number(drawn.some((j) => j < c));
  }
  expect(Math.abs(hits / rounds - passChance(n, c, k)), `seed ${seed}`).toBeLessThan(0.01);
});

it('maj@n counts votes by answer: right ones together, wrong ones by their text', () => {
  const majority = (...answers: (typeof right | ReturnType<typeof wrong>)[]) =>
    accuracyOf(answers, answers.length).majority;
  expect(majority(right, right, wrong('5'))).toBe(1);
  expect(majority(right, wrong('5'), wrong(' 5'), wrong('5'))).toBe(0);
  expect(majority(right, wrong('5'), wrong('6'))).toBe(1);
  expect(majority(wrong('5'), right, wrong('6'))).toBe(0);
  expect(majority(wrong(null), wrong(null), right)).toBe(1);
  expect(majority(wrong(null), wrong(null), wrong(null))).toBe(0);
  expect(majority({ ...right, finished: false }, wrong('5'), { ...right, finished: false })).toBe(0);
});

it('refuses answers that do not divide', () => {
  expect(() => accuracyOf([right, right, right], 2)).toThrow('3 answers are not 2 to each problem');
  expect(() => accuracyOf([], 1)).toThrow(RangeError);
});
