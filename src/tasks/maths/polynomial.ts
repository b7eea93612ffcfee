/**
 * Polynomials over the rationals in numbered atoms (variables, π, √2, sin x, …), sparse and exact.
 * A monomial is written `atom:exponent,…` with rising atoms, the constant one ''.
 */
import { MathsError, type Budget } from './errors';
import { add as addRational, bits, multiply as multiplyRational, ONE, type Rational } from './rational';

export type Polynomial = ReadonlyMap<string, Rational>;
export type Powers = readonly (readonly [atom: number, exponent: number])[];

const MAX_TERMS = 300;
const MAX_EXPONENT = 1_000_000;

export const constant = (value: Rational): Polynomial => new Map(value.n === 0n ? [] : [['', value]]);
export const UNIT = constant(ONE);

/** The powers of a monomial. */
export const powersOf = (monomial: string): Powers =>
  monomial === ''
    ? []
    : monomial.split(',').map((part) => {
        const [atom, exponent] = part.split(':');
        return [Number(atom), Number(exponent)] as const;
      });

export function monomial(powers: Powers): string {
  if (powers.some(([, exponent]) => exponent > MAX_EXPONENT))
    throw new MathsError('its exponents are too large');
  return [...powers]
    .filter(([, exponent]) => exponent > 0)
    .sort(([a], [b]) => a - b)
    .map(([atom, exponent]) => `${atom}:${exponent}`)
    .join(',');
}

function multiplyMonomials(a: string, b: string): string {
  if (a === '' || b === '') return a + b;
  const powers = new Map(powersOf(a));
  for (const [atom, exponent] of powersOf(b)) powers.set(atom, (powers.get(atom) ?? 0) + exponent);
  return monomial([...powers]);
}

function accumulate(into: Map<string, Rational>, key: string, value: Rational): void {
  const before = into.get(key);
  const sum = before ? addRational(before, value) : value;
  if (sum.n === 0n) into.delete(key);
  else into.set(key, sum);
}

/** Arithmetic that pays for its work. All methods throw MathsError when a result grows too large. */
export class Polynomials {
  constructor(private readonly budget: Budget) {}

  add(a: Polynomial, b: Polynomial): Polynomial {
    const sum = new Map(a);
    this.budget.spend(b.size);
    for (const [key, value] of b) accumulate(sum, key, value);
    return this.checked(sum);
  }

  scale(a: Polynomial, factor: Rational): Polynomial {
    this.budget.spend(a.size);
    if (factor.n === 0n) return new Map();
    return new Map([...a].map(([key, value]) => [key, multiplyRational(value, factor)]));
  }

  multiply(a: Polynomial, b: Polynomial): Polynomial {
    const product = new Map<string, Rational>();
    for (const [keyA, valueA] of a) {
      for (const [keyB, valueB] of b) {
        this.budget.spend(6 + ((keyA.length + keyB.length) >> 1) + ((bits(valueA) + bits(valueB)) >> 7));
        accumulate(product, multiplyMonomials(keyA, keyB), multiplyRational(valueA, valueB));
      }
      this.checked(product);
    }
    return product;
  }

  private checked(a: Polynomial): Polynomial {
    if (a.size > MAX_TERMS) throw new MathsError('it has too many terms');
    return a;
  }
}
