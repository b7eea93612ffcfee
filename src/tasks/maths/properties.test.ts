import { expect, test } from 'vitest';
import { Random } from '../../random';
import { equivalent } from '.';
import { randomExpression } from './testing';

const SEED = 20;
const ROUNDS = 300;

const expressions = (stream: number) => {
  const random = new Random(SEED, stream);
  return Array.from({ length: ROUNDS }, () => ({ random, ...randomExpression(random) }));
};

test(`an expression equals itself written in other ways (seed ${SEED})`, () => {
  for (const { latex } of expressions(0)) {
    expect(equivalent(latex, latex), latex).toBe(true);
    const plain = latex.replaceAll('\\left', '').replaceAll('\\right', '').replaceAll('\\cdot', '\\times');
    const spaced = `$ ${plain.replaceAll(' ', '  ').replaceAll('frac', 'dfrac')} $.`;
    expect(equivalent(latex, spaced), spaced).toBe(true);
  }
});

test(`what equals by our verdict has the same value in floating point, and so has what is wrapped in an identity (seed ${SEED})`, () => {
  const all = expressions(1).filter(({ value }) => Number.isFinite(value) && Math.abs(value) < 1e6);
  for (const { latex, value, random } of all) {
    const identity = random.choice([
      `2\\cdot(${latex})-(${latex})`,
      `\\frac{3(${latex})}{3}`,
      `0+(${latex})`,
    ]);
    expect(equivalent(latex, identity), identity).toBe(true);
    const other = random.choice(all);
    if (equivalent(latex, other.latex))
      expect(Math.abs(value - other.value), `${latex} and ${other.latex}`).toBeLessThan(
        1e-6 * (1 + Math.abs(value)),
      );
    const off = random.choice([`(${latex})+10^{-9}`, `(${latex})\\cdot 1.0001+1`, `-(${latex})+100`]);
    expect(equivalent(latex, off) && Math.abs(value - 50) > 1e-9, `${latex} and ${off}`).toBe(false);
  }
});

test(`a number with a changed digit is another number, in every notation (seed ${SEED})`, () => {
  const random = new Random(SEED, 2);
  const notations = [
    (n: number) => `${n}`,
    (n: number) => n.toLocaleString('en-US'),
    (n: number) => `${n}.00`,
    (n: number) => `\\frac{${7 * n}}{7}`,
    (n: number) => `${n} \\text{ cm}`,
    (n: number) => `x = ${n}`,
    (n: number) => `\\sqrt{${n * n}}`,
    (n: number) => `${Math.floor(n / 1000)} \\cdot 10^3 + ${n % 1000}`,
  ];
  for (let round = 0; round < ROUNDS; round++) {
    const n = 1000 + random.int(9_000_000);
    const digits = `${n}`.split('');
    const at = random.int(digits.length);
    digits[at] = `${1 + ((Number(digits[at]) + random.int(8)) % 9)}`;
    const other = Number(digits.join(''));
    const [a, b] = [random.choice(notations), random.choice(notations)];
    expect(equivalent(a(n), b(n)), `${a(n)} and ${b(n)}`).toBe(true);
    expect(equivalent(a(n), b(other)), `${a(n)} and ${b(other)}`).toBe(n === other);
  }
});

test(`the order of a set and of factors does not matter, that of a tuple does (seed ${SEED})`, () => {
  const random = new Random(SEED, 3);
  for (let round = 0; round < 100; round++) {
    const items = Array.from({ length: 3 }, (_, i) => `\\frac{${10 * i + 1 + random.int(9)}}{${7}}`);
    const turned = [items[1], items[2], items[0]];
    expect(equivalent(`\\{${items.join(',')}\\}`, turned.join(', '))).toBe(true);
    expect(equivalent(items.join('\\cdot '), turned.join(' \\times '))).toBe(true);
    expect(equivalent(`(${items.join(',')})`, `(${turned.join(',')})`)).toBe(false);
  }
});
