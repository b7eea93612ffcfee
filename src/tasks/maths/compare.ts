/** When two answers are equal, after the rules of Hugging Face's Math-Verify, which are not symmetric: see `unwrapped`. */
import { Algebra } from './algebra';
import { Budget, MathsError } from './errors';
import { entries, holdsMatrix } from './matrices';
import { probablyEqual, realValue } from './probe';
import { equals, isInteger, multiply, power, rational, show, type Rational } from './rational';
import type { Real } from './reals';
import { isInfinite, RealSets } from './sets';
import { difference, expandPlusMinus, mapChildren, some, type Node } from './tree';
import { unitName } from './vocabulary';

type Relation = Extract<Node, { type: 'relation' }>;
type Tuple = Extract<Node, { type: 'tuple' }>;

/** A decimal with this many digits stands for the exact number it rounds: 0.333333 is 1/3, 0.33 is not. */
const ROUNDING_DECIMALS = 6;
/** It must not be a rounded zero either. */
const SIGNIFICANT = rational(10_000n);
const MAX_ITEMS = 60;

export class Comparison {
  private readonly budget = new Budget();
  private readonly algebra = new Algebra(this.budget);
  private readonly sets = new RealSets(this.algebra, (a, b) => this.sameExpression(a, b));

  /** @throws MathsError when it cannot be decided */
  equal(gold: Node, pred: Node): boolean {
    this.budget.spend(1);
    if (gold.type === 'text' || pred.type === 'text') return sameWords(gold, pred);
    [gold, pred] = unwrapped(gold, pred);
    if (gold.type === 'set' && gold.decimal && pred.type === 'number') return this.equal(gold.decimal, pred);
    if (pred.type === 'set' && pred.decimal && gold.type === 'number') return this.equal(gold, pred.decimal);
    if (pred.type === 'relation') return gold.type === 'relation' && this.sameRelation(gold, pred);
    if (gold.type === 'relation')
      return isSet(pred) && this.sets.equal(this.sets.solutions(gold), this.sets.intervals(pred));
    if (isSet(gold) || isSet(pred)) return isSet(gold) && isSet(pred) && this.sameSet(gold, pred);
    if (holdsMatrix(gold) || holdsMatrix(pred)) return this.sameMatrix(gold, pred);
    return sameWords(gold, pred) || this.sameQuantity(gold, pred);
  }

  /** Numbers and expressions as answers: with the leniency for rounded decimals, percent and units. */
  private sameQuantity(gold: Node, pred: Node): boolean {
    if (isInfinite(gold) || isInfinite(pred))
      return isInfinite(gold) && isInfinite(pred) && gold.type === pred.type;
    if (otherUnit(gold, pred)) return false;
    [gold, pred] = [withoutUnit(gold), withoutUnit(pred)];
    const [x, y] = [wholePercent(gold), wholePercent(pred)];
    if (x && y && equals(x, y)) return true;
    return this.sameExpression(gold, pred) || this.rounds(gold, pred) || this.rounds(pred, gold);
  }

  private sameExpression(a: Node, b: Node): boolean {
    this.budget.spend(50);
    if (spelled(a) === spelled(b)) return true;
    try {
      const { over } = this.algebra.subtract(this.algebra.normal(a), this.algebra.normal(b));
      if (over.size === 0) return true;
      if (this.algebra.isExact(over)) return false;
    } catch (error) {
      // Too large to expand: the numbers decide.
      if (!(error instanceof MathsError)) throw error;
    }
    return probablyEqual(a, b, this.budget);
  }

  /** Whether a decimal literal is what an exact value rounds to. */
  private rounds(decimal: Node, exact: Node): boolean {
    const literal = decimalLiteral(decimal);
    if (!literal || literal.decimals < ROUNDING_DECIMALS) return false;
    const half = multiply(rational(1n, 2n), power(rational(10n), -literal.decimals));
    try {
      const { value, reals } = realValue(exact, this.budget);
      const [middle, margin, least] = [literal.value, half, multiply(half, SIGNIFICANT)].map((r) =>
        reals.of(r),
      );
      const gap = middle && reals.add(value, reals.negate(middle));
      if (!gap || !margin || !least) return false;
      const size = (x: Real) => (x.m < 0n ? reals.negate(x) : x);
      return reals.compare(size(gap), margin) <= 0 && reals.compare(size(value), least) > 0;
    } catch (error) {
      if (!(error instanceof MathsError)) throw error;
      return false;
    }
  }

  private sameMatrix(gold: Node, pred: Node): boolean {
    if (!holdsMatrix(gold) || !holdsMatrix(pred)) return false;
    const [a, b] = [entries(gold), entries(pred)];
    return (
      a.length === b.length &&
      a[0].length === b[0].length &&
      a.every((row, i) => row.every((entry, j) => this.sameQuantity(entry, b[i][j])))
    );
  }

  private sameSet(gold: Node, pred: Node): boolean {
    [gold, pred] = [oneItem(gold), oneItem(pred)];
    if (!isSet(gold) || !isSet(pred)) return this.equal(gold, pred);
    if (gold.type === 'tuple' && pred.type === 'tuple') return this.sameTuple(gold, pred);
    if (gold.type === 'set' && pred.type === 'set')
      return this.sameItems(spread(gold.items), spread(pred.items));
    // (1, 2) for {1, 2}: in the order written.
    if (gold.type === 'tuple' && pred.type === 'set') return this.sameOrder(gold, pred.items);
    if (gold.type === 'set' && pred.type === 'tuple')
      return this.sameOrder(pred, this.rising(gold.items), true);
    return this.sets.equal(this.sets.intervals(gold), this.sets.intervals(pred));
  }

  private sameTuple(a: Tuple, b: Tuple): boolean {
    return (
      a.items.length === b.items.length &&
      a.open === b.open &&
      a.close === b.close &&
      a.items.every((item, i) => this.equal(item, b.items[i]))
    );
  }

  private sameOrder(tuple: Tuple, items: readonly Node[], tupleIsPred = false): boolean {
    return (
      tuple.open === '(' &&
      tuple.close === ')' &&
      tuple.items.length === items.length &&
      tuple.items.every((item, i) => (tupleIsPred ? this.equal(items[i], item) : this.equal(item, items[i])))
    );
  }

  /** Numbers from low to high; other items as they stand. */
  private rising(items: readonly Node[]): readonly Node[] {
    try {
      const values = items.map((item) => ({ item, ...realValue(item, this.budget) }));
      return values.sort((a, b) => a.reals.compare(a.value, b.value)).map(({ item }) => item);
    } catch (error) {
      if (!(error instanceof MathsError)) throw error;
      return items;
    }
  }

  /** Each item of one has its equal in the other, repeated ones counting once. */
  private sameItems(a: readonly Node[], b: readonly Node[]): boolean {
    if (a.length > MAX_ITEMS || b.length > MAX_ITEMS) throw new MathsError('a set has too many items');
    const unique = (items: readonly Node[]) =>
      items.filter((item, i) => !items.slice(0, i).some((other) => this.decided(other, item)));
    const [left, right] = [unique(a), unique(b)];
    if (left.length !== right.length) return false;
    const rest = [...right];
    return left.every((item) => {
      const at = rest.findIndex((other) => this.decided(item, other));
      if (at >= 0) rest.splice(at, 1);
      return at >= 0;
    });
  }

  /** Equal for certain: what cannot be decided of two items does not spoil the search among the others. */
  private decided(a: Node, b: Node): boolean {
    try {
      return this.equal(a, b);
    } catch (error) {
      if (!(error instanceof MathsError)) throw error;
      // Once the work is spent the search ends too.
      this.budget.spend(0);
      return false;
    }
  }

  private sameRelation(gold: Relation, pred: Relation): boolean {
    const [a, b] = [forward(gold), forward(pred)];
    if (a.operators.length !== b.operators.length || a.operators.some((o, i) => o !== b.operators[i]))
      return false;
    if (a.sides.some(isSet) || b.sides.some(isSet) || a.sides.some(holdsMatrix))
      return a.sides.every((side, i) => this.equal(side, b.sides[i]));
    return a.operators.every((operator, i) => {
      const [left, right] = [gap(a, i), gap(b, i)];
      if (a.sides.slice(i, i + 2).every((side, j) => this.decided(side, b.sides[i + j]))) return true;
      // A solution is not its equation: x = 2, but 2x = 4.
      if (operator === '=' && isAssignment(a) && isConstant(a.sides[1])) return false;
      // x > 3 and 2x > 6 are the same: their sides are proportional.
      const [x, y] = [this.algebra.normal(left), this.algebra.normal(right)];
      const [p, q] = [this.algebra.product(x.over, y.under), this.algebra.product(y.over, x.under)];
      if (p.size === 0 || q.size === 0) return p.size === q.size;
      const ratio = this.algebra.ratio(p, q);
      const definite = x.under.size === 1 && y.under.size === 1;
      return ratio !== undefined && definite && (operator === '=' || operator === '≠' || ratio.n > 0n);
    });
  }
}

const gap = (relation: Relation, i: number): Node => difference(relation.sides[i + 1], relation.sides[i]);

/** `b > a` as `a < b`. */
function forward(relation: Relation): Relation {
  if (!relation.operators.some((o) => o === '>' || o === '≥')) return relation;
  if (relation.operators.some((o) => o === '<' || o === '≤')) return relation;
  return {
    type: 'relation',
    sides: [...relation.sides].reverse(),
    operators: relation.operators.map((o) => (o === '>' ? '<' : o === '≥' ? '≤' : o)).reverse(),
  };
}

/** x = 3 as 3 where the other answer is no equation; of the prediction any equation, of the gold answer assignments only. */
function unwrapped(gold: Node, pred: Node): [Node, Node] {
  [gold, pred] = [shortened(gold), shortened(pred)];
  if (isEquation(pred) && !isEquation(gold)) return [gold, pred.sides.at(-1)!];
  if (isEquation(gold) && isAssignment(gold) && !isEquation(pred)) return [gold.sides.at(-1)!, pred];
  return [gold, pred];
}

const isEquation = (node: Node): node is Relation =>
  node.type === 'relation' && node.operators.every((operator) => operator === '=');

/** The first side holds nothing but names: `x`, `f(x)`, `AB`, `(p, q)`, `|AB|`. */
const isAssignment = (node: Relation): boolean =>
  !some(node.sides[0], (n) => ['number', 'add', 'relation', 'matrix', 'setOperation'].includes(n.type));

const isConstant = (node: Node): boolean => !some(node, (n) => n.type === 'symbol');

/** `x = 5 + 6 = 11` as `x = 11`. */
const shortened = (node: Node): Node =>
  isEquation(node) && isAssignment(node) && node.sides.length > 2
    ? { type: 'relation', sides: [node.sides[0], node.sides.at(-1)!], operators: ['='] }
    : node;

const isSet = (node: Node): boolean =>
  node.type === 'set' || node.type === 'tuple' || node.type === 'setOperation';

/** {a} as a, unless a is a relation. */
const oneItem = (node: Node): Node => (node.type === 'set' && node.items.length === 1 ? node.items[0] : node);

/** Items, of which ±a is two and a set in a list is its items. */
const spread = (items: readonly Node[]): Node[] =>
  items.flatMap((item) => (item.type === 'set' ? spread(item.items) : [item]));

/** With each ± written out: `1 ± √2` is a set of two, `x = ±2` an assignment of one. */
export function withoutPlusMinus(node: Node): Node {
  if (node.type === 'set' || node.type === 'tuple') return mapChildren(node, withoutPlusMinus);
  if (node.type === 'relation') {
    const last = node.sides.at(-1)!;
    return { ...node, sides: [...node.sides.slice(0, -1), withoutPlusMinus(last)] };
  }
  const both = expandPlusMinus(node);
  return both.length === 1 ? node : { type: 'set', items: both };
}

interface Decimal {
  value: Rational;
  decimals: number;
}

/** `0.25`, `-0.25`, `0.25 cm` */
function decimalLiteral(node: Node): Decimal | undefined {
  if (node.type === 'unit') return decimalLiteral(node.of);
  return node.type === 'number' && node.decimals !== null ? (node as Decimal) : undefined;
}

/** 28 for `28` and for `28\%`. */
function wholePercent(node: Node): Rational | undefined {
  const inside = node.type === 'percent' ? withoutUnit(node.of) : node;
  return inside.type === 'number' && isInteger(inside.value) ? inside.value : undefined;
}

const withoutUnit = (node: Node): Node => (node.type === 'unit' ? withoutUnit(node.of) : node);

/** Both are quantities, in units known to differ. */
function otherUnit(a: Node, b: Node): boolean {
  if (a.type !== 'unit' || b.type !== 'unit') return false;
  const [x, y] = [a, b].map(({ name }) => unitName(name.trim().split('^')[0]));
  return x !== undefined && y !== undefined && x !== y;
}

/** The letters of a text, or of a product of variables, which is how a word without \text is read. */
function word(node: Node): string | undefined {
  if (node.type === 'text') return node.text.replace(/[\s()"']|[.,]$/g, '');
  if (node.type === 'symbol') return node.name;
  if (node.type === 'constant') return node.name === 'infinity' ? undefined : node.name;
  if (node.type === 'number') return node.decimals === null ? show(node.value) : undefined;
  if (node.type !== 'multiply') return undefined;
  const parts = node.factors.map((factor) => (factor.type === 'number' ? undefined : word(factor)));
  return parts.includes(undefined) ? undefined : parts.join('');
}

function sameWords(a: Node, b: Node): boolean {
  const [x, y] = [word(a)?.toLowerCase(), word(b)?.toLowerCase()];
  return x !== undefined && x !== '' && x === y;
}

const spelled = (node: Node): string =>
  JSON.stringify(node, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
