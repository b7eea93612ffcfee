import { expect, test } from 'vitest';
import { taskByName } from '..';
import { expressions, onePerValue } from './expressions';
import { split } from './problems';

const names = ['train', 'validation', 'test'] as const;
const triplesOf = (name: (typeof names)[number]) => new Set(split(name).map((p) => p.numbers.join(',')));

test('splits are disjoint by the triple of numbers and hold all 680', () => {
  const sizes = names.map((name) => triplesOf(name).size);
  expect(sizes).toEqual([544, 68, 68]);
  expect(new Set(names.flatMap((name) => [...triplesOf(name)])).size).toBe(680);
});

test('4,726 problems in all, as many as the measured recipe split otherwise; ids unique', () => {
  const all = names.flatMap((name) => split(name));
  expect(names.map((name) => split(name).length)).toEqual([3747, 488, 491]);
  expect(all).toHaveLength(4726);
  expect(new Set(all.map((p) => p.id)).size).toBe(4726);
});

test('a problem reads as the model sees it', () => {
  for (const { id, prompt, answer, numbers, target } of split('test')) {
    const [a, b, c] = numbers;
    expect([id, prompt, answer]).toEqual([
      `${a},${b},${c}->${target}`,
      `${a} ${b} ${c} -> ${target} A:`,
      `${target}`,
    ]);
    expect(a >= b && b >= c && !numbers.includes(target) && target >= 1 && target <= 63).toBe(true);
  }
});

test.each(names)('a uniform guess is right at .11 to .12 of the problems of %s', (name) => {
  const chances = split(name).map((p) => {
    const all = expressions(p.numbers);
    return all.filter((e) => e.value === p.target).length / all.length;
  });
  const chance = chances.reduce((a, b) => a + b) / chances.length;
  expect(chance).toBeGreaterThan(0.11);
  expect(chance).toBeLessThan(0.12);
});

test('equal numbers do not repeat an expression', () => {
  const all = expressions([5, 5, 2]).map((e) => `${e.x}${e.first}${e.y}${e.second}${e.z}`);
  expect(new Set(all).size).toBe(all.length);
  const values = onePerValue(expressions([5, 5, 2])).map((e) => e.value);
  expect(new Set(values).size).toBe(values.length);
});

test('tasks are found by name', () => {
  expect(taskByName('countdown').split('validation')).toBe(split('validation'));
  expect(() => taskByName('countup')).toThrow('There are: countdown');
});
