import type { EquationCount } from './types';

/** `left operator right = result` as it stands in a text, from `start` to `end`. */
export interface Equation {
  readonly text: string;
  readonly correct: boolean;
  readonly start: number;
  readonly end: number;
}

const OPERATIONS: Record<string, (a: bigint, b: bigint) => bigint> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
};
const isNumber = (token: string): boolean => /^\d{1,20}$/.test(token);

/** Finds each `number op number = number` with op among + − ×. Spaces do not matter; equations may share a number. */
export function findEquations(text: string): Equation[] {
  const tokens = [...text.matchAll(/\d+|\S/gu)];
  const found: Equation[] = [];
  for (let i = 3; i + 1 < tokens.length; i++) {
    if (tokens[i][0] !== '=') continue;
    const [a, operator, b, , c] = tokens.slice(i - 3, i + 2).map((match) => match[0]);
    if (!Object.hasOwn(OPERATIONS, operator) || ![a, b, c].every(isNumber)) continue;
    found.push({
      text: `${a} ${operator} ${b} = ${c}`,
      correct: OPERATIONS[operator](BigInt(a), BigInt(b)) === BigInt(c),
      start: tokens[i - 3].index,
      end: tokens[i + 1].index + c.length,
    });
  }
  return found;
}

/** How many equations a response holds, and how many are right. */
export function countEquations(response: string): EquationCount {
  const all = findEquations(response);
  return { right: all.filter((e) => e.correct).length, total: all.length };
}
