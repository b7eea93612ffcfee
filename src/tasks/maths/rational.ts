import { MathsError } from './errors';

/** n / d in lowest terms, d > 0. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** Longer numerators and denominators are refused: `9^{9^9}` must cost nothing. */
export const MAX_BITS = 8192;

export const bitLength = (n: bigint): number => {
  const hex = (n < 0n ? -n : n).toString(16);
  return hex === '0' ? 0 : hex.length * 4 - Math.clz32(parseInt(hex[0], 16)) + 28;
};

function gcd(a: bigint, b: bigint): bigint {
  while (b) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/** @throws MathsError on division by zero or a number too long */
export function rational(n: bigint, d = 1n): Rational {
  if (d === 0n) throw new MathsError('it divides by zero');
  const common = d === 1n ? 1n : gcd(n, d);
  const sign = d < 0n ? -1n : 1n;
  const value = { n: (sign * n) / common, d: (sign * d) / common };
  if (bitLength(value.n) > MAX_BITS || bitLength(value.d) > MAX_BITS)
    throw new MathsError('its numbers are too long');
  return value;
}

export const ZERO = rational(0n);
export const ONE = rational(1n);
export const MINUS_ONE = rational(-1n);

export const add = (a: Rational, b: Rational): Rational => rational(a.n * b.d + b.n * a.d, a.d * b.d);
export const negate = (a: Rational): Rational => ({ n: -a.n, d: a.d });
export const multiply = (a: Rational, b: Rational): Rational => rational(a.n * b.n, a.d * b.d);
export const divide = (a: Rational, b: Rational): Rational => rational(a.n * b.d, a.d * b.n);
export const equals = (a: Rational, b: Rational): boolean => a.n === b.n && a.d === b.d;
export const bits = (a: Rational): number => bitLength(a.n) + bitLength(a.d);
export const isInteger = (a: Rational): boolean => a.d === 1n;
export const show = (a: Rational): string => (a.d === 1n ? `${a.n}` : `${a.n}/${a.d}`);

/** a^exponent for a whole exponent of any sign. @throws MathsError when the result is too long or 1/0 */
export function power(a: Rational, exponent: number): Rational {
  if (exponent < 0) return power(divide(ONE, a), -exponent);
  if (Math.max(bitLength(a.n), bitLength(a.d)) * exponent > MAX_BITS + exponent)
    throw new MathsError('its numbers are too long');
  return { n: a.n ** BigInt(exponent), d: a.d ** BigInt(exponent) };
}

/** The value of `12`, `1.5` or `.5`. @throws MathsError when it has too many digits */
export function parseDecimal(text: string): Rational {
  const [whole, fraction = ''] = text.split('.');
  if (text.length > 2000) throw new MathsError('its numbers are too long');
  return rational(BigInt(whole + fraction || '0'), 10n ** BigInt(fraction.length));
}
