/** Exact numbers as the tasks' answers write them. */
import { rational, type Rational } from './maths/rational';

/** `5`, or `5 / 2`. */
export const rationalText = ({ n, d }: Rational): string => (d === 1n ? `${n}` : `${n} / ${d}`);

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
