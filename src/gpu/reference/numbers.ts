/** What the references accept; they compute in float64 and return Float64Array. */
export type Numbers = Float32Array | Float64Array;

/**
 * Checks that a flat array holds the shape it stands for.
 * @throws RangeError naming the array and both lengths.
 */
export function expectShape(name: string, array: { readonly length: number }, ...shape: number[]): void {
  const length = shape.reduce((product, n) => product * n, 1);
  if (array.length !== length)
    throw new RangeError(
      `${name} has ${array.length} elements, but its shape [${shape.join(', ')}] needs ${length}.`,
    );
}

/** max|actual − expected| / (max|expected| + 1e-30). NaN anywhere gives NaN, which passes no tolerance. */
export function relativeError(actual: Numbers, expected: Numbers): number {
  expectShape('actual', actual, expected.length);
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return difference / (largest + 1e-30);
}
