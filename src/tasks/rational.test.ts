import { expect, test } from 'vitest';
import { Random } from '../random';
import { equals, rational } from './maths/rational';
import { parseRational, rationalText } from './rational';

test.each([
  ['12', '12'],
  [' -12 ', '-12'],
  ['− 3', '-3'],
  ['+7', '7'],
  ['007', '7'],
  ['1,000,000', '1000000'],
  ['2.50', '5 / 2'],
  ['-.5', '-1 / 2'],
  ['10 / 4', '5 / 2'],
  ['-3/6', '-1 / 2'],
  ['\\frac{1}{3}', '1 / 3'],
  ['-\\dfrac{4}{2}', '-2'],
  ['0/5', '0'],
])('%s is %s', (written, text) => {
  expect(rationalText(parseRational(written)!)).toBe(text);
});

test.each([
  '',
  ' ',
  '-',
  '1/0',
  '1,00',
  '1,0000',
  '1.',
  '.',
  '1e5',
  '0x10',
  '٣',
  '１',
  'Infinity',
  '1 2',
  '2/3/4',
])('"%s" is no number', (text) => {
  expect(parseRational(text)).toBeNull();
});

test('numbers of any length come back exactly, or not at all (seed 4)', () => {
  const random = new Random(4);
  const digits = (n: number) => Array.from({ length: n }, () => random.int(10)).join('');
  for (let i = 0; i < 500; i++) {
    const [p, q] = [digits(random.range(1, 40)), `${digits(random.range(1, 39))}1`];
    const value = parseRational(`${p}/${q}`)!;
    expect(value.n * BigInt(q)).toBe(BigInt(p) * value.d);
    expect(equals(value, rational(-BigInt(p), -BigInt(q)))).toBe(true);
  }
  expect(parseRational('1'.repeat(1e6))).toBeNull();
});
