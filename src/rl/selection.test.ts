import { expect, it } from 'vitest';
import { select } from './selection';

const right = (length: number) => ({ correct: true, length });
const wrong = (length: number) => ({ correct: false, length });

// Two right (10, 30) and two wrong (12, 50): the longest right is longer than the shortest wrong, the mean is not.
const responses = [
  right(10),
  wrong(12),
  right(30),
  wrong(50),
  right(40),
  wrong(5),
  right(3),
  right(4),
  wrong(9),
];
const groups = [[0, 1, 2, 3], [4, 5], [6, 7], [8]];

it('none keeps all groups', () => expect(select('none', responses, groups)).toEqual(groups));

it('QS keeps the questions whose right answers are longer on average', () =>
  expect(select('QS', responses, groups)).toEqual([[4, 5]]));

it('RS keeps the longest right and the shortest wrong response, where the right one is longer', () =>
  expect(select('RS', responses, groups)).toEqual([
    [2, 1],
    [4, 5],
  ]));

it('neither learns from a question that was answered always or never', () => {
  expect(select('QS', responses, [[6, 7], [8]])).toEqual([]);
  expect(select('RS', responses, [[6, 7], [8]])).toEqual([]);
});
