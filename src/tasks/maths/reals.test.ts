import { expect, test } from 'vitest';
import { Random } from '../../random';
import { rational } from './rational';
import { Reals, type Real } from './reals';

const SEED = 11;
const reals = new Reals(320);
const of = (n: number, d = 1_000_000): Real => reals.of(rational(BigInt(Math.round(n * d)), BigInt(d)))!;

test('π and e to sixty digits', () => {
  const digits = (a: Real) => String((a.m * 10n ** 60n) >> BigInt(-a.e));
  expect(digits(reals.piValue)).toBe('3141592653589793238462643383279502884197169399375105820974944');
  expect(digits(reals.exp(of(1))!)).toBe('2718281828459045235360287471352662497757247093699959574966967');
});

test(`functions agree with Math to its precision (seed ${SEED})`, () => {
  const random = new Random(SEED);
  for (let round = 0; round < 200; round++) {
    const x = Math.round((random.next() - 0.5) * 4e7) / 1e6;
    const near = (ours: Real | null | undefined, theirs: number) =>
      expect(Math.abs(reals.toNumber(ours!) - theirs), `at ${x}`).toBeLessThan(
        1e-12 * (1 + Math.abs(theirs)),
      );
    near(reals.exp(of(x)), Math.exp(x));
    near(reals.sinCos(of(x))?.sin, Math.sin(x));
    near(reals.sinCos(of(x))?.cos, Math.cos(x));
    near(reals.arctan(of(x)), Math.atan(x));
    if (x > 0) near(reals.ln(of(x)), Math.log(x));
    if (x > 0) near(reals.sqrt(of(x)), Math.sqrt(x));
    if (x > 0) near(reals.power(of(x), of(2.5)), x ** 2.5);
  }
});

test(`inverse functions undo each other to the last bits (seed ${SEED})`, () => {
  const random = new Random(SEED, 1);
  for (let round = 0; round < 100; round++) {
    const x = of(0.01 + 10 * random.next());
    expect(reals.compare(reals.ln(reals.exp(x)!)!, x)).toBe(0);
    expect(reals.compare(reals.multiply(reals.sqrt(x)!, reals.sqrt(x)!)!, x)).toBe(0);
    const { sin, cos } = reals.sinCos(x)!;
    const one = reals.add(reals.multiply(sin, sin)!, reals.multiply(cos, cos)!)!;
    expect(reals.compare(one, of(1))).toBe(0);
    const angle = of(1.5 * random.next());
    const trig = reals.sinCos(angle)!;
    expect(reals.compare(reals.arctan(reals.divide(trig.sin, trig.cos)!)!, angle)).toBe(0);
  }
});

test('no value outside the domain or the range', () => {
  for (const none of [
    reals.ln(of(0)),
    reals.ln(of(-1)),
    reals.sqrt(of(-1)),
    reals.exp(of(1e6)),
    reals.divide(of(1), of(0)),
  ])
    expect(none).toBeNull();
});
