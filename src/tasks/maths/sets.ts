/** Sets of real numbers: intervals with numbers or ±∞ for ends, and what unions, intersections and relations make of them. */
import type { Algebra } from './algebra';
import { MathsError } from './errors';
import { realValue } from './probe';
import type { Real, Reals } from './reals';
import { difference, INFINITY, negated, number, quotient, type Node } from './tree';

export interface End {
  readonly node: Node;
  /** ±∞ or the place on the line, for ordering only. */
  readonly place: number | { value: Real; reals: Reals };
  readonly open: boolean;
}

export interface Interval {
  readonly low: End;
  readonly high: End;
}

export class RealSets {
  constructor(
    private readonly algebra: Algebra,
    private readonly same: (a: Node, b: Node) => boolean,
  ) {}

  /** The set as disjoint intervals from left to right. @throws MathsError for what is not a set of real numbers */
  intervals(node: Node): Interval[] {
    if (node.type === 'setOperation') {
      const [a, b] = [this.intervals(node.left), this.intervals(node.right)];
      if (node.operator === '∪') return this.merged([...a, ...b]);
      const other = node.operator === '∩' ? b : this.complement(b);
      return this.merged(a.flatMap((x) => other.flatMap((y) => this.intersection(x, y))));
    }
    if (node.type === 'set')
      return this.merged(
        node.items.map((item) => ({ low: this.end(item, false), high: this.end(item, false) })),
      );
    if (node.type !== 'tuple' || node.items.length !== 2)
      throw new MathsError('it is not a set of real numbers');
    const low = this.end(node.items[0], node.open === '(');
    const high = this.end(node.items[1], node.close === ')');
    return this.interval(low, high);
  }

  equal(a: readonly Interval[], b: readonly Interval[]): boolean {
    const sameEnd = (x: End, y: End) =>
      x.open === y.open && (typeof x.place === 'number' ? x.place === y.place : this.order(x, y) === 0);
    return a.length === b.length && a.every((x, i) => sameEnd(x.low, b[i].low) && sameEnd(x.high, b[i].high));
  }

  /**
   * The solutions of `a < x ≤ b`, `2x + 1 > 5`, `1 ≤ |z| ≤ 3`, `x ≠ 3` in their one variable.
   * @throws MathsError for relations of other kinds
   */
  solutions(relation: Node): Interval[] {
    if (relation.type !== 'relation') throw new MathsError('it is not a relation');
    const { sides, operators } = relation;
    const middles = sides.filter((side) => !this.isConstant(side));
    if (middles.length !== 1) throw new MathsError('it is not a relation between one variable and numbers');
    const middle = sides.indexOf(middles[0]);
    let all = [this.wholeLine()];
    operators.forEach((operator, i) => {
      if (i !== middle && i + 1 !== middle)
        throw new MathsError('a side of the relation is not next to the variable');
      const [bound, facing] = i === middle ? [sides[i + 1], operator] : [sides[i], MIRRORED[operator]];
      const part = this.half(sides[middle], facing, bound);
      all = all.flatMap((x) => part.flatMap((y) => this.intersection(x, y)));
    });
    return this.merged(all);
  }

  private isConstant(node: Node): boolean {
    if (isInfinite(node)) return true;
    try {
      realValue(node, this.algebra.budget);
      return true;
    } catch {
      return false;
    }
  }

  /** The x for which `side operator bound`, the side being p x + q or |p x + q|. */
  private half(side: Node, operator: string, bound: Node): Interval[] {
    if (side.type === 'call' && side.name === 'abs') {
      const inside = side.args[0];
      const below = this.half(inside, operator, bound);
      const above = this.half(inside, MIRRORED[operator], negated(bound));
      if (operator === '≠' || operator === '<' || operator === '≤')
        return below.flatMap((x) => above.flatMap((y) => this.intersection(x, y)));
      return [...below, ...above];
    }
    const linear = this.algebra.linear(this.algebra.normal(side));
    if (!linear) throw new MathsError('it is not linear in its variable');
    const { p, q } = linear;
    const place = isInfinite(bound) ? bound : quotient(difference(bound, number(q)), number(p));
    const facing = p.n < 0n ? MIRRORED[operator] : operator;
    const open = facing === '<' || facing === '>' || facing === '≠';
    const end = this.end(place, open);
    const { low, high } = this.wholeLine();
    if (facing === '=') return this.interval(end, end);
    const [left, right] = [this.interval(low, end), this.interval(end, high)];
    if (facing === '≠') return [...left, ...right];
    return facing === '<' || facing === '≤' ? left : right;
  }

  private wholeLine(): Interval {
    return { low: this.end(negated(INFINITY), true), high: this.end(INFINITY, true) };
  }

  private end(node: Node, open: boolean): End {
    if (isInfinite(node)) return { node, place: node.type === 'constant' ? Infinity : -Infinity, open: true };
    this.algebra.budget.spend(50);
    return { node, place: realValue(node, this.algebra.budget), open };
  }

  private order(a: End, b: End): number {
    if (typeof a.place === 'number' || typeof b.place === 'number') {
      const [x, y] = [a, b].map(({ place }) => (typeof place === 'number' ? place : 0));
      return x === y ? 0 : x < y ? -1 : 1;
    }
    if (this.same(a.node, b.node)) return 0;
    const reals = a.place.reals.bits < b.place.reals.bits ? a.place.reals : b.place.reals;
    return reals.compare(a.place.value, b.place.value);
  }

  private interval(low: End, high: End): Interval[] {
    const order = this.order(low, high);
    return order < 0 || (order === 0 && !low.open && !high.open) ? [{ low, high }] : [];
  }

  private intersection(a: Interval, b: Interval): Interval[] {
    const inner = (x: End, y: End, sign: number): End => {
      const order = this.order(x, y) * sign;
      return order > 0 ? x : order < 0 ? y : x.open ? x : y;
    };
    return this.interval(inner(a.low, b.low, 1), inner(a.high, b.high, -1));
  }

  private merged(intervals: readonly Interval[]): Interval[] {
    const sorted = [...intervals].sort(
      (a, b) => this.order(a.low, b.low) || Number(a.low.open) - Number(b.low.open),
    );
    const result: Interval[] = [];
    for (const next of sorted) {
      const last = result.at(-1);
      const gap = last ? this.order(next.low, last.high) : 1;
      if (!last || gap > 0 || (gap === 0 && next.low.open && last.high.open)) result.push(next);
      else {
        const order = this.order(next.high, last.high);
        const high = order > 0 || (order === 0 && !next.high.open) ? next.high : last.high;
        result[result.length - 1] = { low: last.low, high };
      }
    }
    return result;
  }

  private complement(intervals: readonly Interval[]): Interval[] {
    const flipped = (end: End): End => ({ ...end, open: !end.open });
    let rest = [this.wholeLine()];
    for (const { low, high } of intervals) {
      const { low: first, high: last } = this.wholeLine();
      const outside = [...this.interval(first, flipped(low)), ...this.interval(flipped(high), last)];
      rest = rest.flatMap((x) => outside.flatMap((y) => this.intersection(x, y)));
    }
    return rest;
  }
}

const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '≤': '≥',
  '>': '<',
  '≥': '≤',
  '=': '=',
  '≠': '≠',
};

/** ∞ or −∞. */
export const isInfinite = (node: Node): boolean =>
  node.type === 'multiply'
    ? node.factors.length === 2 && isMinusOne(node.factors[0]) && isInfinite(node.factors[1])
    : node.type === 'constant' && node.name === 'infinity';

const isMinusOne = (node: Node): boolean =>
  node.type === 'number' && node.value.n === -1n && node.value.d === 1n;
