/** An exact number in lowest terms; the denominator is positive. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function gcd(a: bigint, b: bigint): bigint {
  while (b) [a, b] = [b, a % b];
  return a < 0n ? -a : a;
}

/** @throws RangeError when the denominator is 0 */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 0n) throw new RangeError('A fraction cannot have the denominator 0');
  const divisor = gcd(numerator, denominator) * (denominator < 0n ? -1n : 1n);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

export const sameRational = (a: Rational, b: Rational): boolean =>
  a.numerator === b.numerator && a.denominator === b.denominator;

/** `5`, or `5 / 2`. */
export const rationalText = ({ numerator, denominator }: Rational): string =>
  denominator === 1n ? `${numerator}` : `${numerator} / ${denominator}`;

const SIGN = '([+-]?) ?';
const INTEGER = new RegExp(`^${SIGN}(\\d{1,40})$`);
const GROUPED = new RegExp(`^${SIGN}(\\d{1,3}(?:,\\d{3}){1,9})$`);
const DECIMAL = new RegExp(`^${SIGN}(\\d{0,40})\\.(\\d{1,40})$`);
const FRACTION = new RegExp(`^${SIGN}(\\d{1,40}) ?/ ?(\\d{1,40})$`);
const LATEX_FRACTION = new RegExp(`^${SIGN}\\\\[dt]?frac ?\\{ ?(\\d{1,40}) ?\\} ?\\{ ?(\\d{1,40}) ?\\}$`);

/**
 * Reads `-12`, `1,000`, `2.50`, `5 / 2` and `\frac{5}{2}`, with up to 40 digits a number, exactly; null for anything
 * else. Never throws.
 */
export function parseRational(text: string): Rational | null {
  if (text.length > 200) return null;
  const plain = text.trim().replaceAll('−', '-');
  const signed = (sign: string, digits: string) => BigInt(digits) * (sign === '-' ? -1n : 1n);
  const whole = INTEGER.exec(plain) ?? GROUPED.exec(plain);
  if (whole) return rational(signed(whole[1], whole[2].replaceAll(',', '')));
  const decimal = DECIMAL.exec(plain);
  if (decimal) return rational(signed(decimal[1], decimal[2] + decimal[3]), 10n ** BigInt(decimal[3].length));
  const fraction = FRACTION.exec(plain) ?? LATEX_FRACTION.exec(plain);
  if (!fraction || /^0+$/.test(fraction[3])) return null;
  return rational(signed(fraction[1], fraction[2]), BigInt(fraction[3]));
}
