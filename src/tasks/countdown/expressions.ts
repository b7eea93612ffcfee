import { type Part, replaceByCalls } from '../calls';
import { MAX_NUMBER } from './vocabulary';

export const OPERATORS = ['+', '-', '*'] as const;
export type Operator = (typeof OPERATORS)[number];
export type Triple = readonly [number, number, number];

/** Two steps over three numbers: first `x first y = between`, then `between second z` with the larger operand in front. */
export interface Expression {
  readonly x: number;
  readonly first: Operator;
  readonly y: number;
  readonly between: number;
  readonly second: Operator;
  readonly z: number;
  readonly value: number;
}

/** `a op b` in integers. */
export function apply(operator: Operator, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
  }
}

const descending = (a: number, b: number): [number, number] => (a >= b ? [a, b] : [b, a]);

/**
 * All expressions that use each of three numbers once, larger operand in front, every value within 0..63. Their order
 * is fixed: it is the order in which the corpus searches.
 */
export function expressions(numbers: Triple): Expression[] {
  const found = new Map<string, Expression>();
  for (const k of [0, 1, 2]) {
    const z = numbers[k];
    const [a, b] = numbers.filter((_, i) => i !== k);
    const [x, y] = descending(a, b);
    for (const first of OPERATORS) {
      const between = apply(first, x, y);
      if (between > MAX_NUMBER) continue;
      for (const second of OPERATORS) {
        const value = apply(second, ...descending(between, z));
        const key = [x, first, y, second, z].join(' ');
        if (value <= MAX_NUMBER && !found.has(key))
          found.set(key, { x, first, y, between, second, z, value });
      }
    }
  }
  return [...found.values()];
}

/** The first expression of each value, in order. */
export function onePerValue(all: readonly Expression[]): Expression[] {
  const seen = new Set<number>();
  return all.filter(({ value }) => !seen.has(value) && seen.add(value));
}

/** The two steps written out: `4 * 2 = 8 , 13 - 8 = 5`. */
export function trialText({ x, first, y, between, second, z, value }: Expression): string {
  const [p, q] = descending(between, z);
  return `${x} ${first} ${y} = ${between} , ${p} ${second} ${q} = ${value}`;
}

/** The expression as an answer: `\boxed{ 13 - ( 4 * 2 ) }`. */
export function boxText({ x, first, y, between, second, z }: Expression): string {
  const inner = `( ${x} ${first} ${y} )`;
  return between >= z ? `\\boxed{ ${inner} ${second} ${z} }` : `\\boxed{ ${z} ${second} ${inner} }`;
}

const TRIAL = /(\d+ [-+*] \d+) = (\d+) , (\d+) ([-+*]) (\d+) = \d+/g;

/** A call for each trial of a text: `4 * 2 = 8 , 13 - 8 = 5` asks for `13 - ( 4 * 2 )`. */
export const trialCalls = (text: string): Part[] =>
  replaceByCalls(text, TRIAL, ([, inner, between, p, second, q]) =>
    p === between ? `( ${inner} ) ${second} ${q}` : `${p} ${second} ( ${inner} )`,
  );
