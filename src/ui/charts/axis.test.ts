import { describe, expect, test } from 'vitest';
import { axisEnds, stepTicks } from './axis';

describe('axisEnds', () => {
  test('holds all values and zero, between round ends', () => {
    expect(axisEnds([3.2, 8.7], 5)).toEqual([0, 10]);
    expect(axisEnds([-0.13, 0.42], 5)).toEqual([-0.2, 0.5]);
  });
  test('keeps an end that is given', () => {
    expect(axisEnds([0.2, 0.4], 5, [0, 1])).toEqual([0, 1]);
    expect(axisEnds([-3, 4.2], 5, [0, undefined])).toEqual([0, 5]);
  });
  test('has a length without values, and with nothing but zeros', () => {
    expect(axisEnds([], 5)).toEqual([0, 1]);
    expect(axisEnds([0, 0], 5)).toEqual([0, 1]);
  });
});

test('steps have whole ticks', () => {
  expect(stepTicks(3, 7)).toEqual([0, 1, 2, 3]);
  expect(stepTicks(1, 7)).toEqual([0, 1]);
  expect(stepTicks(60, 7)).toEqual([0, 10, 20, 30, 40, 50, 60]);
});
