/**
 * Normal forms: an expression as a quotient of two polynomials over the rationals. Exact for rational functions of
 * variables, roots of rationals, π, e, i and logarithms of rationals; any other part becomes an atom known by its own
 * normal form.
 */
import { Budget, MathsError } from './errors';
import { foldCall } from './functions';
import { constant, monomial, Polynomials, powersOf, UNIT, type Polynomial } from './polynomial';
import {
  divide as divideRational,
  equals,
  isInteger,
  MINUS_ONE,
  multiply as multiplyRational,
  ONE,
  power as powerOf,
  rational,
  show,
  type Rational,
} from './rational';
import { factorise, rootParts } from './roots';
import type { Node } from './tree';

/** A quotient of polynomials. */
export interface Fraction {
  readonly over: Polynomial;
  readonly under: Polynomial;
}

interface Atom {
  readonly key: string;
  /** Algebraically independent of the other exact atoms, but for `reduce`: a polynomial without others decides equality. */
  readonly exact: boolean;
  /** atom^index = value */
  readonly reduce?: { readonly index: number; readonly value: Fraction };
}

const MAX_POWER = 64;

export class Algebra {
  private readonly atoms: Atom[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly polynomials: Polynomials;

  constructor(readonly budget: Budget) {
    this.polynomials = new Polynomials(budget);
  }

  /** @throws MathsError for what has no normal form: sets, relations, ∞, 1/0, numbers too long */
  normal(node: Node): Fraction {
    this.budget.spend(1);
    switch (node.type) {
      case 'number':
        return this.constant(node.value);
      case 'symbol':
        return this.atom({ key: JSON.stringify(node.name), exact: true });
      case 'constant':
        return this.named(node.name);
      case 'add':
        return node.terms.map((term) => this.normal(term)).reduce((a, b) => this.add(a, b));
      case 'multiply':
        return node.factors.map((factor) => this.normal(factor)).reduce((a, b) => this.multiply(a, b));
      case 'divide':
        return this.divide(this.normal(node.over), this.normal(node.under));
      case 'power':
        return this.power(node.base, node.exponent);
      case 'call':
        return this.call(node.name, node.args);
      case 'percent':
        return this.multiply(this.normal(node.of), this.constant(rational(1n, 100n)));
      case 'unit':
        return this.normal(node.of);
      case 'matrix':
      case 'plusMinus':
      case 'relation':
      case 'set':
      case 'setOperation':
      case 'text':
      case 'tuple':
        throw new MathsError('it is not a single expression');
    }
  }

  constant = (value: Rational): Fraction => ({ over: constant(value), under: UNIT });

  add(a: Fraction, b: Fraction): Fraction {
    const p = this.polynomials;
    if (samePolynomial(a.under, b.under)) return { over: p.add(a.over, b.over), under: a.under };
    const over = p.add(p.multiply(a.over, b.under), p.multiply(b.over, a.under));
    return this.reduced({ over, under: p.multiply(a.under, b.under) });
  }

  multiply(a: Fraction, b: Fraction): Fraction {
    const p = this.polynomials;
    return this.reduced({ over: p.multiply(a.over, b.over), under: p.multiply(a.under, b.under) });
  }

  divide(a: Fraction, b: Fraction): Fraction {
    if (b.over.size === 0) throw new MathsError('it divides by zero');
    return this.multiply(a, { over: b.under, under: b.over });
  }

  subtract(a: Fraction, b: Fraction): Fraction {
    return this.add(a, { over: this.polynomials.scale(b.over, MINUS_ONE), under: b.under });
  }

  /** Whether a non-zero polynomial is a non-zero number or function for certain. */
  isExact(a: Polynomial): boolean {
    const radicands = new Map<string, string>();
    return [...a.keys()].flatMap(powersOf).every(([atom]) => {
      const { key, exact } = this.atoms[atom];
      const [, index, prime] = /^root(\d+):(.*)$/.exec(key) ?? [];
      // √2 and ⁴√2 are not independent.
      if (prime !== undefined && radicands.has(prime) && radicands.get(prime) !== index) return false;
      if (prime !== undefined) radicands.set(prime, index);
      return exact;
    });
  }

  /** The number that a fraction is, or undefined when it holds an atom. */
  rationalValue({ over, under }: Fraction): Rational | undefined {
    const value = (p: Polynomial) => (p.size === 0 ? rational(0n) : p.size === 1 ? p.get('') : undefined);
    const [n, d] = [value(over), value(under)];
    return n && d ? divideRational(n, d) : undefined;
  }

  /** c such that a = c · b, a rational; undefined if there is none. Both polynomials are not zero. */
  ratio(a: Polynomial, b: Polynomial): Rational | undefined {
    const [key, value] = [...a][0];
    const other = b.get(key);
    if (!other) return undefined;
    const factor = divideRational(value, other);
    return samePolynomial(a, this.polynomials.scale(b, factor)) ? factor : undefined;
  }

  /** a · b of two polynomials, for comparisons across denominators. */
  product(a: Polynomial, b: Polynomial): Polynomial {
    return this.reduced({ over: this.polynomials.multiply(a, b), under: UNIT }).over;
  }

  /** For a = p · x + q with rational p and q and one variable (or other atom) x: its coefficients and the name of x. */
  linear({ over, under }: Fraction): { name: string; p: Rational; q: Rational } | undefined {
    const d = under.size === 1 ? under.get('') : undefined;
    const keys = [...over.keys()].filter((key) => key !== '');
    if (!d || keys.length !== 1) return undefined;
    const powers = powersOf(keys[0]);
    if (powers.length !== 1 || powers[0][1] !== 1) return undefined;
    const { key, reduce } = this.atoms[powers[0][0]];
    if (reduce || key.startsWith('constant ') || key.startsWith('ln:')) return undefined;
    const q = over.get('') ?? rational(0n);
    return { name: key, p: divideRational(over.get(keys[0])!, d), q: divideRational(q, d) };
  }

  /** A text that equal fractions share in most cases, and different ones never. */
  key({ over, under }: Fraction): string {
    const leading = [...under].sort(([a], [b]) => (a < b ? -1 : 1))[0][1];
    const text = (p: Polynomial) =>
      [...this.polynomials.scale(p, divideRational(ONE, leading))]
        .map(([m, value]) => {
          const names = powersOf(m).map(([atom, exponent]) => `[${this.atoms[atom].key}]^${exponent}`);
          return `${show(value)}${names.sort().join('')}`;
        })
        .sort()
        .join('+');
    return under.size === 1 && under.has('') ? text(over) : `(${text(over)})/(${text(under)})`;
  }

  private named(name: string): Fraction {
    if (name === 'infinity') throw new MathsError('∞ is not a number');
    if (name !== 'i') return this.atom({ key: `constant ${name}`, exact: true });
    const reduce = { index: 2, value: this.constant(MINUS_ONE) };
    return this.atom({ key: 'constant i', exact: true, reduce });
  }

  private atom(atom: Atom, exponent = 1): Fraction {
    let index = this.numbers.get(atom.key);
    if (index === undefined) {
      index = this.atoms.push(atom) - 1;
      this.numbers.set(atom.key, index);
    }
    return { over: new Map([[monomial([[index, exponent]]), ONE]]), under: UNIT };
  }

  /** Rewrites √2 · √2 as 2, i² as −1, and drops common factors that are monomials. */
  private reduced({ over, under }: Fraction): Fraction {
    if (over.size === 0) return { over, under: UNIT };
    const [a, b] = [this.reducedPolynomial(over), this.reducedPolynomial(under)];
    if (a || b) {
      const [x, y] = [a ?? { over, under: UNIT }, b ?? { over: under, under: UNIT }];
      return this.divide(x, y);
    }
    return withoutCommonFactor(over, under, this.polynomials);
  }

  private reducedPolynomial(a: Polynomial): Fraction | undefined {
    const reducible = ([atom, exponent]: readonly [number, number]) =>
      exponent >= (this.atoms[atom].reduce?.index ?? Infinity);
    if (![...a.keys()].some((key) => powersOf(key).some(reducible))) return undefined;
    let sum: Fraction = { over: new Map(), under: UNIT };
    for (const [key, value] of a) {
      const powers = powersOf(key);
      const rest = powers.map(([atom, exponent]) => {
        const index = this.atoms[atom].reduce?.index;
        return [atom, index ? exponent % index : exponent] as const;
      });
      let term: Fraction = { over: new Map([[monomial(rest), value]]), under: UNIT };
      for (const [atom, exponent] of powers.filter(reducible)) {
        const { index, value: base } = this.atoms[atom].reduce!;
        term = this.multiply(term, this.wholePower(base, Math.floor(exponent / index)));
      }
      sum = this.add(sum, term);
    }
    return sum;
  }

  private wholePower(base: Fraction, exponent: number): Fraction {
    if (exponent < 0) return this.divide(this.constant(ONE), this.wholePower(base, -exponent));
    const value = this.rationalValue(base);
    if (value) return this.constant(powerOf(value, exponent));
    const [only] = [...base.over];
    if (base.over.size === 1 && samePolynomial(base.under, UNIT)) {
      const powers = powersOf(only[0]).map(([atom, e]) => [atom, e * exponent] as const);
      return this.reduced({ over: new Map([[monomial(powers), powerOf(only[1], exponent)]]), under: UNIT });
    }
    if (exponent > MAX_POWER) throw new MathsError('its powers are too high');
    let [result, square] = [this.constant(ONE), base];
    for (let n = exponent; n > 0; n >>= 1) {
      if (n & 1) result = this.multiply(result, square);
      if (n > 1) square = this.multiply(square, square);
    }
    return result;
  }

  private power(base: Node, exponent: Node): Fraction {
    const b = this.normal(base);
    const e = this.normal(exponent);
    const r = this.rationalValue(e);
    if (!r) return this.atom({ key: `power(${this.key(b)},${this.key(e)})`, exact: false });
    if (r.n === 0n && b.over.size === 0) throw new MathsError('0⁰ has no value');
    if (r.n > 1_000_000n || r.n < -1_000_000n || r.d > 1000n)
      throw new MathsError('its exponents are too large');
    if (isInteger(r)) return this.wholePower(b, Number(r.n));
    const root = this.root(b, Number(r.d));
    return this.wholePower(root, Number(r.n));
  }

  private root(base: Fraction, index: number): Fraction {
    const value = this.rationalValue(base);
    if (!value) {
      const reduce = { index, value: base };
      return this.atom({ key: `root${index}:(${this.key(base)})`, exact: false, reduce });
    }
    if (value.n < 0n) {
      if (index !== 2) throw new MathsError('the root of a negative number has several readings');
      const positive = this.root(this.constant(multiplyRational(value, MINUS_ONE)), 2);
      return this.multiply(this.named('i'), positive);
    }
    const { outside, radicals } = rootParts(value, index);
    let result = this.constant(outside);
    for (const { prime, exponent, index: k, certain } of radicals) {
      const reduce = { index: k, value: this.constant(rational(prime)) };
      result = this.multiply(
        result,
        this.atom({ key: `root${k}:${prime}`, exact: certain, reduce }, exponent),
      );
    }
    return result;
  }

  private call(name: string, args: readonly Node[]): Fraction {
    if (name === 'log') return this.divide(this.call('ln', [args[1]]), this.call('ln', [args[0]]));
    const values = args.map((arg) => this.normal(arg));
    const folded = foldCall(
      name,
      values.map((value) => this.rationalValue(value)),
      args,
    );
    if (folded !== undefined) return 'n' in folded ? this.constant(folded) : this.normal(folded);
    if (name === 'ln') return this.logarithm(values[0]);
    if (name === 'exp') return this.power({ type: 'constant', name: 'e' }, args[0]);
    if (name === 'abs') {
      const opposite = this.key({
        over: this.polynomials.scale(values[0].over, MINUS_ONE),
        under: values[0].under,
      });
      const key = [this.key(values[0]), opposite].sort()[0];
      return this.atom({ key: `abs(${key})`, exact: false });
    }
    const degrees = args.some((arg) => arg.type === 'unit' && arg.name === 'degree') ? '°' : '';
    const exact = name.endsWith('()') && values.length === 1;
    return this.atom({
      key: `${JSON.stringify(name)}(${values.map((v) => this.key(v)).join(',')}${degrees})`,
      exact,
    });
  }

  /** ln of a positive rational by its prime factors, whose logarithms are independent; ln e = 1. */
  private logarithm(argument: Fraction): Fraction {
    const value = this.rationalValue(argument);
    if (value && value.n > 0n) {
      const parts = [
        ...factorise(value.n),
        ...factorise(value.d).map((f) => ({ ...f, exponent: -f.exponent })),
      ];
      return parts
        .map(({ prime, exponent, certain }) => {
          const ln = this.atom({ key: `ln:${prime}`, exact: certain });
          return this.multiply(this.constant(rational(BigInt(exponent))), ln);
        })
        .reduce((a, b) => this.add(a, b), this.constant(rational(0n)));
    }
    if (this.key(argument) === '1[constant e]^1') return this.constant(ONE);
    return this.atom({ key: `ln(${this.key(argument)})`, exact: false });
  }
}

export function samePolynomial(a: Polynomial, b: Polynomial): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && equals(b.get(key)!, value));
}

function withoutCommonFactor(over: Polynomial, under: Polynomial, p: Polynomials): Fraction {
  if (under.size === 1 && under.has('')) {
    return { over: p.scale(over, divideRational(ONE, under.get('')!)), under: UNIT };
  }
  const all = [...over.keys(), ...under.keys()].map((key) => new Map(powersOf(key)));
  const common = [...all[0].keys()].map(
    (atom) => [atom, Math.min(...all.map((m) => m.get(atom) ?? 0))] as const,
  );
  if (common.every(([, exponent]) => exponent === 0)) return { over, under };
  const lowered = (a: Polynomial): Polynomial =>
    new Map(
      [...a].map(([key, value]) => {
        const powers = new Map(powersOf(key));
        for (const [atom, exponent] of common) powers.set(atom, (powers.get(atom) ?? 0) - exponent);
        return [monomial([...powers]), value];
      }),
    );
  return withoutCommonFactor(lowered(over), lowered(under), p);
}
