import { expect, it } from 'vitest';
import { expectShape, relativeError } from './numbers';

it('relates the largest difference to the largest expected value', () => {
  expect(relativeError(Float32Array.of(1, -4.5), Float64Array.of(1, -5))).toBeCloseTo(0.1, 12);
  expect(relativeError(Float64Array.of(0, 0), Float64Array.of(0, 0))).toBe(0);
  expect(relativeError(Float64Array.of(1e-9), Float64Array.of(0))).toBeGreaterThan(1);
});

it('lets no NaN pass and compares only equal lengths', () => {
  expect(relativeError(Float64Array.of(NaN, 1), Float64Array.of(1, 1))).toBeNaN();
  expect(relativeError(Float64Array.of(1, 1), Float64Array.of(1, NaN))).toBeNaN();
  expect(() => relativeError(new Float64Array(2), new Float64Array(3))).toThrow(RangeError);
});

it('names an array that does not hold its shape', () => {
  expect(() => expectShape('W', new Float64Array(5), 2, 3)).toThrow(
    'W has 5 elements, but its shape [2, 3] needs 6.',
  );
});
