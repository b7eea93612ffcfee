import { MathsError } from './errors';
import { add, divide, multiply, parseDecimal, power, rational } from './rational';
import { number, quotient, type Node } from './tree';

/** `12`, `1.5`, `0.1(6)` with repeating digits, `1.2e5`. */
export function literal(text: string): Node {
  const [, digits, repeat, exponent] = /^([\d.]*)(?:\((\d+)\))?(?:e(.*))?$/.exec(text)!;
  let value = parseDecimal(digits);
  const decimals = digits.split('.')[1]?.length ?? 0;
  if (repeat) {
    const period = parseDecimal(repeat);
    const shift = power(rational(10n), -decimals);
    value = add(value, multiply(shift, divide(period, rational(10n ** BigInt(repeat.length) - 1n))));
  }
  if (exponent) value = multiply(value, power(rational(10n), Number(exponent)));
  return number(value, text.includes('.') && !repeat && !exponent ? decimals : null);
}

/** 2 1/2. @throws MathsError for 2 5/2, which may be a product */
export function mixed(whole: Node, over: Node, under: Node): Node {
  const proper =
    over.type === 'number' &&
    under.type === 'number' &&
    over.value.n * under.value.d < under.value.n * over.value.d;
  if (!proper) throw new MathsError('a whole number stands before an improper fraction');
  return { type: 'add', terms: [whole, quotient(over, under)] };
}

const SCALES: ReadonlyMap<string, number> = new Map([
  ['hundred', 2],
  ['thousand', 3],
  ['million', 6],
  ['billion', 9],
  ['trillion', 12],
]);

/** `\text{ million}` behind a number: the power of ten, or undefined for other words. */
export const scaleOf = (words: string): number | undefined =>
  SCALES.get(/[a-z]*/.exec(words.trim().toLowerCase())![0]);
