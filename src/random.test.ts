import { expect, it } from 'vitest';
import { Random, threefry2x32 } from './random';

it('gives the known answers of Random123 for threefry2x32 with 20 rounds', () => {
  const hex = (words: number[]) => words.map((word) => word.toString(16));
  expect(hex(threefry2x32(0, 0, 0, 0))).toEqual(['6b200159', '99ba4efe']);
  const ones = 0xffffffff;
  expect(hex(threefry2x32(ones, ones, ones, ones))).toEqual(['1cb996fc', 'bb002be7']);
  expect(hex(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3))).toEqual(['c4923a9c', '483df7a0']);
});

it('goes on from its count as if it had never stopped', () => {
  const whole = new Random(7, 3);
  const drawn = Array.from({ length: 20 }, () => whole.next());
  const first = new Random(7, 3);
  for (let i = 0; i < 8; i++) first.next();
  const second = new Random(first.seed, first.stream, first.count);
  expect(Array.from({ length: 12 }, () => second.next())).toEqual(drawn.slice(8));
});

it('draws other numbers from another seed and from another stream', () => {
  const draws = [new Random(1, 0), new Random(2, 0), new Random(1, 1)].map((random) => random.next());
  expect(new Set(draws).size).toBe(3);
});

it('covers a range evenly, both ends included', () => {
  const random = new Random(11);
  const counts = new Map<number, number>();
  for (let i = 0; i < 10_000; i++) {
    const n = random.range(-2, 2);
    counts.set(n, (counts.get(n) ?? 0) + 1);
  }
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2]);
  // Five standard deviations of a binomial count with n = 10,000, p = 1/5.
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(5 * 40);
});

it('has normal numbers of mean 0, variance 1 and kurtosis 3', () => {
  const random = new Random(5);
  const n = 20_000;
  const numbers = Array.from({ length: n }, () => random.normal());
  const moment = (k: number) => numbers.reduce((sum, x) => sum + x ** k, 0) / n;
  expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
});

it('shuffles without losing anything, into every order', () => {
  const random = new Random(9);
  const orders = new Set(Array.from({ length: 200 }, () => random.shuffle(['a', 'b', 'c']).join('')));
  expect([...orders].sort()).toEqual(['abc', 'acb', 'bac', 'bca', 'cab', 'cba']);
});
