import { MINUS_ONE, ONE, rational, type Rational } from './rational';

/** Expressions with a value. */
export type Scalar =
  /** `decimals`: digits after the point of a decimal literal. */
  | { type: 'number'; value: Rational; decimals: number | null }
  /** A variable; or anything compared by its name alone, such as `\overline{AB}` or `101_2`. */
  | { type: 'symbol'; name: string }
  | { type: 'constant'; name: 'pi' | 'e' | 'i' | 'infinity' }
  | { type: 'add'; terms: Node[] }
  | { type: 'multiply'; factors: Node[] }
  | { type: 'divide'; over: Node; under: Node }
  | { type: 'power'; base: Node; exponent: Node }
  /** sin, ln, abs, factorial, …: `FUNCTIONS`; other names (`f`, `sum`) stand for unknown functions. */
  | { type: 'call'; name: string; args: Node[] }
  /** ± or, with `sign` −1, ∓. All of an answer take the same sign. */
  | { type: 'plusMinus'; sign: 1 | -1; of: Node }
  | { type: 'percent'; of: Node }
  | { type: 'unit'; of: Node; name: string }
  | { type: 'matrix'; rows: Node[][] };

export type RelationOperator = '=' | '<' | '≤' | '>' | '≥' | '≠';

/** Answers that are more than one expression. */
export type Collection =
  /** `a = b = c`, `a < b ≤ c`: one operator between each two sides. */
  | { type: 'relation'; sides: Node[]; operators: RelationOperator[] }
  /** Unordered: `1, 2` and `\{1, 2\}`. `decimal`: the value if the comma of a bare `1,5` is a decimal comma. */
  | { type: 'set'; items: Node[]; decimal?: Node }
  /** Ordered, in parentheses or brackets. Two items are at once an interval: `(1, 2)`, `[1, 2)`. */
  | { type: 'tuple'; items: Node[]; open: '(' | '['; close: ')' | ']' }
  | { type: 'setOperation'; operator: '∪' | '∩' | '∖'; left: Node; right: Node }
  | { type: 'text'; text: string };

export type Node = Scalar | Collection;

export const number = (value: Rational, decimals: number | null = null): Node => ({
  type: 'number',
  value,
  decimals,
});
export const integer = (n: number): Node => number(rational(BigInt(n)));
export const call = (name: string, ...args: Node[]): Node => ({ type: 'call', name, args });
export const negated = (node: Node): Node =>
  node.type === 'number'
    ? number({ n: -node.value.n, d: node.value.d }, node.decimals)
    : { type: 'multiply', factors: [number(MINUS_ONE), node] };
export const difference = (a: Node, b: Node): Node => ({ type: 'add', terms: [a, negated(b)] });
export const quotient = (over: Node, under: Node): Node => ({ type: 'divide', over, under });
export const reciprocal = (n: bigint): Node => number(rational(1n, n));
export const INFINITY: Node = { type: 'constant', name: 'infinity' };
export const REALS: Node = { type: 'tuple', items: [negated(INFINITY), INFINITY], open: '(', close: ')' };
export const ONE_NODE = number(ONE);

/** The parts of a node, in order. */
export function children(node: Node): Node[] {
  switch (node.type) {
    case 'number':
    case 'symbol':
    case 'constant':
    case 'text':
      return [];
    case 'add':
      return node.terms;
    case 'multiply':
      return node.factors;
    case 'divide':
      return [node.over, node.under];
    case 'power':
      return [node.base, node.exponent];
    case 'call':
      return node.args;
    case 'plusMinus':
    case 'percent':
    case 'unit':
      return [node.of];
    case 'matrix':
      return node.rows.flat();
    case 'relation':
      return node.sides;
    case 'set':
    case 'tuple':
      return node.items;
    case 'setOperation':
      return [node.left, node.right];
  }
}

/** The node with each part replaced. */
export function mapChildren(node: Node, change: (child: Node) => Node): Node {
  switch (node.type) {
    case 'number':
    case 'symbol':
    case 'constant':
    case 'text':
      return node;
    case 'add':
      return { ...node, terms: node.terms.map(change) };
    case 'multiply':
      return { ...node, factors: node.factors.map(change) };
    case 'divide':
      return { ...node, over: change(node.over), under: change(node.under) };
    case 'power':
      return { ...node, base: change(node.base), exponent: change(node.exponent) };
    case 'call':
      return { ...node, args: node.args.map(change) };
    case 'plusMinus':
    case 'percent':
    case 'unit':
      return { ...node, of: change(node.of) };
    case 'matrix':
      return { ...node, rows: node.rows.map((row) => row.map(change)) };
    case 'relation':
      return { ...node, sides: node.sides.map(change) };
    case 'set':
    case 'tuple':
      return { ...node, items: node.items.map(change) };
    case 'setOperation':
      return { ...node, left: change(node.left), right: change(node.right) };
  }
}

export const some = (node: Node, test: (node: Node) => boolean): boolean =>
  test(node) || children(node).some((child) => some(child, test));

/** One node per sign of ±, or the node itself when it has none. */
export function expandPlusMinus(node: Node): Node[] {
  const choose = (n: Node, sign: 1 | -1): Node =>
    n.type === 'plusMinus'
      ? n.sign === sign
        ? choose(n.of, sign)
        : negated(choose(n.of, sign))
      : mapChildren(n, (child) => choose(child, sign));
  return some(node, (n) => n.type === 'plusMinus') ? [choose(node, 1), choose(node, -1)] : [node];
}
