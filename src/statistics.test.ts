import { expect, it } from 'vitest';
import { Random } from './random';
import { differenceInterval, meanInterval, tQuantile, wilsonInterval } from './statistics';

it('Student’s quantiles: of the tables, and near the normal one for many runs', () => {
  expect([1, 2, 4, 30].map(tQuantile)).toEqual([12.706, 4.303, 2.776, 2.042]);
  expect(tQuantile(60)).toBeCloseTo(2.0, 2);
  expect(tQuantile(1e6)).toBeCloseTo(1.96, 3);
  expect(tQuantile(NaN)).toBe(Infinity);
});

it('by hand: 1, 2, 3 have mean 2 and standard error 1/√3', () => {
  const half = 4.303 / Math.sqrt(3);
  const { mean, low, high, n } = meanInterval([1, 2, 3]);
  expect([mean, n]).toEqual([2, 3]);
  expect(low).toBeCloseTo(2 - half, 12);
  expect(high).toBeCloseTo(2 + half, 12);
  expect(meanInterval([5])).toEqual({ mean: 5, low: NaN, high: NaN, n: 1 });
  expect(meanInterval([]).n).toBe(0);
});

it('covers the true mean, and the true difference, in about 95 of 100 draws', () => {
  const seed = 8;
  const random = new Random(seed);
  const draw = (n: number, mean: number, std: number) =>
    Array.from({ length: n }, () => mean + std * random.normal());
  const rounds = 2000;
  let [means, differences] = [0, 0];
  for (let i = 0; i < rounds; i++) {
    const a = draw(3, 5, 1);
    const b = draw(4, 3, 2);
    const [m, d] = [meanInterval(a), differenceInterval(a, b)];
    means += Number(m.low <= 5 && 5 <= m.high);
    differences += Number(d.low <= 2 && 2 <= d.high);
  }
  expect(Math.abs(means / rounds - 0.95), `seed ${seed}`).toBeLessThan(0.015);
  // Degrees of freedom are rounded down: never too narrow.
  expect(differences / rounds, `seed ${seed}`).toBeGreaterThan(0.935);
});

it('a difference without spread is certain; of one run there is no interval', () => {
  expect(differenceInterval([1, 1], [0, 0])).toEqual({ mean: 1, low: 1, high: 1, n: 2 });
  expect(differenceInterval([1], [0, 0]).low).toBeNaN();
});

it('Wilson: the textbook case, and never outside 0 to 1', () => {
  const { low, high } = wilsonInterval(8, 10);
  expect(low).toBeCloseTo(0.4902, 3);
  expect(high).toBeCloseTo(0.9433, 3);
  expect(wilsonInterval(0, 20).low).toBe(0);
  expect(wilsonInterval(20, 20).high).toBe(1);
  expect(wilsonInterval(0, 0).mean).toBeNaN();
});
