/** The numeric judge: both sides at several fixed points, to hundreds of bits. It accepts only what agrees nearly to the last. */
import { MathsError, type Budget } from './errors';
import { bits, rational, type Rational } from './rational';
import { Reals, type Real } from './reals';
import { children, some, type Node } from './tree';

const LEAST_BITS = 320;
const MOST_BITS = 1280;
const LEAST_POINTS = 4;

/** Values given to the variables in turn, in the order of their names: no pattern an answer could follow. */
const POINTS = [
  [37, 23],
  [-41, 29],
  [53, 19],
  [-17, 31],
  [29, 43],
  [61, 13],
  [-73, 47],
  [11, 59],
  [83, 37],
];
const WHOLE_POINTS = [5, 7, 4, 9, 6, 8, 3, 11];

type Assignment = ReadonlyMap<string, Rational>;

/** @returns a value, null where there is no real one, undefined where there is one that cannot be computed */
type Value = Real | null | undefined;

class Evaluator {
  constructor(
    readonly reals: Reals,
    private readonly variables: Assignment,
    private readonly budget: Budget,
  ) {}

  value(node: Node): Value {
    this.budget.spend(3);
    switch (node.type) {
      case 'number':
        return this.reals.of(node.value) ?? undefined;
      case 'symbol':
        return this.reals.of(this.variables.get(node.name)!) ?? undefined;
      case 'constant':
        return this.constant(node.name);
      case 'add':
        return this.fold(node.terms, (a, b) => this.reals.add(a, b));
      case 'multiply':
        return this.fold(node.factors, this.reals.multiply);
      case 'divide': {
        const [a, b] = [this.value(node.over), this.value(node.under)];
        if (!a || !b) return a && b;
        return b.m === 0n ? null : (this.reals.divide(a, b) ?? undefined);
      }
      case 'power':
        return this.power(node.base, node.exponent);
      case 'percent':
        return this.value({ type: 'divide', over: node.of, under: HUNDRED });
      case 'unit':
        return this.value(node.of);
      case 'call':
        return this.call(node.name, node.args);
      case 'matrix':
      case 'plusMinus':
      case 'relation':
      case 'set':
      case 'setOperation':
      case 'text':
      case 'tuple':
        return undefined;
    }
  }

  private constant(name: string): Value {
    if (name === 'pi') return this.reals.piValue;
    if (name === 'e') return this.reals.exp({ m: 1n, e: 0 }) ?? undefined;
    return undefined;
  }

  private fold(nodes: readonly Node[], operation: (a: Real, b: Real) => Real | null): Value {
    let result = this.value(nodes[0]);
    for (const node of nodes.slice(1)) {
      const next = this.value(node);
      if (!result || !next) return result && next;
      result = operation(result, next) ?? undefined;
    }
    return result;
  }

  private power(base: Node, exponent: Node): Value {
    const [a, b] = [this.value(base), this.value(exponent)];
    if (!a || !b) return a && b;
    this.budget.spend(this.reals.bits >> 3);
    if (a.m === 0n && b.m <= 0n) return null;
    const isRoot = exponent.type === 'divide' && this.reals.compare(b, { m: 1n, e: -1 }) === 0;
    if (isRoot) return a.m < 0n ? null : (this.reals.sqrt(a) ?? undefined);
    const result = this.reals.power(a, b);
    // A negative base has a real power for whole exponents only, which `power` knows.
    return result ?? (a.m < 0n ? null : undefined);
  }

  private call(name: string, args: readonly Node[]): Value {
    const { reals } = this;
    if (args.length === 0) return undefined;
    const values = args.map((arg) => this.value(arg));
    const missing = values.find((v) => !v);
    if (missing === null || values.includes(undefined)) return missing;
    this.budget.spend(reals.bits >> 2);
    let [x] = values as Real[];
    const [, y] = values as Real[];
    if (args[0].type === 'unit' && args[0].name === 'degree') {
      const turn = reals.multiply(x, reals.piValue);
      x = (turn && reals.divide(turn, { m: 180n, e: 0 })) ?? x;
    }
    const one: Real = { m: 1n, e: 0 };
    const over = (a: Real, b: Real): Value => (b.m === 0n ? null : (reals.divide(a, b) ?? undefined));
    const square = () => reals.multiply(x, x);
    switch (name) {
      case 'abs':
        return reals.sign(x) < 0 ? reals.negate(x) : x;
      case 'exp':
        return reals.exp(x) ?? undefined;
      case 'ln':
        return x.m <= 0n ? null : (reals.ln(x) ?? undefined);
      case 'log': {
        if (x.m <= 0n || y.m <= 0n) return null;
        const [base, of] = [reals.ln(x), reals.ln(y)];
        return base && of ? over(of, base) : undefined;
      }
      case 'factorial': {
        const n = reals.toNumber(x);
        if (!Number.isInteger(n) || n < 0 || n > 30) return null;
        let product = 1n;
        for (let k = 2n; k <= BigInt(n); k++) product *= k;
        return reals.of(rational(product)) ?? undefined;
      }
      case 'floor':
      case 'ceiling': {
        const below = reals.floor(x);
        return below === null ? undefined : reals.of(rational(name === 'floor' ? below : below + 1n));
      }
      case 'max':
      case 'min':
        return (values as Real[]).reduce((a, b) => (reals.compare(a, b) > 0 === (name === 'max') ? a : b));
      case 'arctan':
        return reals.arctan(x) ?? undefined;
      case 'arcsin':
      case 'arccos': {
        const s = square();
        const rest = s && reals.add(one, reals.negate(s));
        if (!rest || rest.m < 0n) return null;
        const half = reals.divide(reals.piValue, { m: 2n, e: 0 })!;
        const root = reals.sqrt(rest);
        const slope = root && root.m !== 0n ? reals.divide(x, root) : null;
        const angle = slope ? reals.arctan(slope) : x.m < 0n ? reals.negate(half) : half;
        if (!angle) return undefined;
        return name === 'arcsin' ? angle : (reals.add(half, reals.negate(angle)) ?? undefined);
      }
      case 'sinh':
      case 'cosh':
      case 'tanh': {
        const [up, down] = [reals.exp(x), reals.exp(reals.negate(x))];
        const [sum, gap] = up && down ? [reals.add(up, down), reals.add(up, reals.negate(down))] : [];
        if (!sum || !gap) return undefined;
        return name === 'tanh' ? over(gap, sum) : over(name === 'sinh' ? gap : sum, { m: 2n, e: 0 });
      }
    }
    const trig = ['sin', 'cos', 'tan', 'cot', 'sec', 'csc'].includes(name) ? reals.sinCos(x) : null;
    if (!trig) return undefined;
    const { sin, cos } = trig;
    const quotients: Record<string, () => Value> = {
      sin: () => sin,
      cos: () => cos,
      tan: () => over(sin, cos),
      cot: () => over(cos, sin),
      sec: () => over(one, cos),
      csc: () => over(one, sin),
    };
    return quotients[name]();
  }
}

const HUNDRED: Node = { type: 'number', value: rational(100n), decimals: null };

/** Bits enough that what the constants of both sides could tell apart is told apart. @throws MathsError beyond the bound */
function precision(nodes: readonly Node[]): number {
  const cost = (node: Node): number => {
    const own = node.type === 'number' ? bits(node.value) : 0;
    const { exponent } = node.type === 'power' ? node : {};
    const grown = exponent?.type === 'number' ? 4 * Math.abs(Number(exponent.value.n)) : 0;
    return own + grown + children(node).reduce((sum, child) => sum + cost(child), 0);
  };
  const needed = LEAST_BITS + 4 * nodes.reduce((sum, node) => sum + cost(node), 0);
  if (needed > MOST_BITS) throw new MathsError('its numbers are too long to compare numerically');
  return Math.ceil(needed / 64) * 64;
}

function variablesOf(nodes: readonly Node[]): string[] {
  const names = new Set<string>();
  for (const node of nodes) some(node, (n) => (n.type === 'symbol' && names.add(n.name), false));
  return [...names].sort();
}

/** n! and (−1)^n mean something at whole numbers only. */
const needsWholePoints = (node: Node): boolean =>
  some(node, (n) => {
    if (n.type === 'call') return n.name === 'factorial' && variablesOf(n.args).length > 0;
    if (n.type !== 'power' || variablesOf([n.exponent]).length === 0) return false;
    return n.base.type === 'multiply' || (n.base.type === 'number' && n.base.value.n < 0n);
  });

/**
 * Whether two expressions have the same value at every probed point, defined or not. No proof of equality, but two
 * different ones would have to agree to some 60 digits everywhere.
 * @throws MathsError when that cannot be found out
 */
export function probablyEqual(a: Node, b: Node, budget: Budget): boolean {
  const reals = new Reals(precision([a, b]));
  const names = variablesOf([a, b]);
  if (names.length === 0) {
    const evaluator = new Evaluator(reals, new Map(), budget);
    const [x, y] = [evaluator.value(a), evaluator.value(b)];
    return !!x && !!y && reals.compare(x, y) === 0;
  }
  const whole = needsWholePoints(a) || needsWholePoints(b);
  const rounds = whole ? WHOLE_POINTS.length : POINTS.length;
  let agreed = 0;
  for (let round = 0; round < rounds; round++) {
    const point = names.map((name, i): [string, Rational] => {
      if (whole) return [name, rational(BigInt(WHOLE_POINTS[(round + 3 * i) % rounds]))];
      const [n, d] = POINTS[(round + 5 * i) % rounds];
      return [name, rational(BigInt(n + i), BigInt(d))];
    });
    const evaluator = new Evaluator(reals, new Map(point), budget);
    const [x, y] = [evaluator.value(a), evaluator.value(b)];
    if (x === undefined || y === undefined || (x === null && y === null)) continue;
    if (x === null || y === null || reals.compare(x, y) !== 0) return false;
    agreed++;
  }
  if (agreed < LEAST_POINTS) throw new MathsError('it has too few real values to compare');
  return true;
}

/** The value of an expression without variables. @throws MathsError when it has none that can be computed */
export function realValue(node: Node, budget: Budget): { value: Real; reals: Reals } {
  const reals = new Reals(precision([node]));
  const value = variablesOf([node]).length === 0 && new Evaluator(reals, new Map(), budget).value(node);
  if (!value) throw new MathsError('it has no real value');
  return { value, reals };
}
