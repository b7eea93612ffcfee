/** Equations modulo m, solved by trying the numbers 0 to m − 1 in turn. */
import type { Random } from '../random';
import { judgeBoxedNumber } from './boxed';
import {
  boxed,
  DIGITS,
  reflectiveText,
  RESPONSE_WORDS,
  searchStretch,
  words,
  yesNo,
  type Trial,
} from './demonstration';
import { generatedTask } from './generated';
import { rationalText } from './rational';
import type { Problem } from './types';

/** Find x from 0 to m − 1 with a x ≡ b, or with x² ≡ b where `a` is `x`: `solve 3 * x = 2 mod 7 A:`. */
export interface ModularProblem extends Problem {
  readonly a: number | 'x';
  readonly b: number;
  readonly modulus: number;
  /** All of them, ascending; `answer` is the first. */
  readonly solutions: readonly number[];
}

/** The moduli of levels 1 to 4, both ends included. */
const MODULI = [
  [5, 7],
  [8, 12],
  [13, 17],
  [18, 23],
];

const leftSide = (a: number | 'x', x: number): number => (a === 'x' ? x : a) * x;
const residues = (modulus: number) => Array.from({ length: modulus }, (_, x) => x);

/** An equation that some x solves, with b not 0. */
function draw(random: Random, level: number): ModularProblem {
  const [smallest, largest] = MODULI[level - 1];
  for (;;) {
    const modulus = random.range(smallest, largest);
    const a = random.int(2) ? ('x' as const) : random.range(2, modulus - 1);
    const b = random.range(1, modulus - 1);
    const solutions = residues(modulus).filter((x) => leftSide(a, x) % modulus === b);
    if (solutions.length === 0) continue;
    const text = `${a} * x = ${b} mod ${modulus}`;
    return {
      id: text.replaceAll(' ', ''),
      prompt: `solve ${text} A:`,
      answer: String(solutions[0]),
      level,
      a,
      b,
      modulus,
      solutions,
    };
  }
}

/** `3 * 5 = 15 , 7 * 2 = 14 , 15 - 14 = 1`: the left side at x, reduced. */
function reduced({ a, modulus }: ModularProblem, x: number): string {
  const value = leftSide(a, x);
  const quotient = Math.floor(value / modulus);
  const product = `${a === 'x' ? x : a} * ${x} = ${value}`;
  if (quotient === 0) return product;
  const multiple = modulus * quotient;
  return `${product} , ${modulus} * ${quotient} = ${multiple} , ${value} - ${multiple} = ${value - multiple}`;
}

function trial(problem: ModularProblem, x: number): Trial {
  const right = problem.solutions.includes(x);
  return { work: `${reduced(problem, x)} check ${problem.b} ${yesNo(right)}`, right, box: boxed(x) };
}

export const modular = generatedTask<ModularProblem>({
  name: 'modular',
  title: 'Modular equations',
  levels: [1, 2, 3, 4],
  vocabulary: words('solve x mod * - =', RESPONSE_WORDS, DIGITS),
  draw,
  splitKey: ({ id }) => id,
  verify: (problem, response) =>
    judgeBoxedNumber(response, (value) => {
      const { a, b, modulus, solutions } = problem;
      const x = rationalText(value);
      if (!residues(modulus).map(String).includes(x))
        return { correct: false, reason: `${x} is not a whole number from 0 to ${modulus - 1}` };
      const correct = solutions.includes(Number(x));
      const left = `${a === 'x' ? x : a} * ${x} mod ${modulus} = ${leftSide(a, Number(x)) % modulus}`;
      return {
        correct,
        reason: correct ? `${x} solves it: ${left}` : `${x} does not solve it: ${left}, not ${b}`,
      };
    }),
  demonstration(problem, random, style, giveUp = 0) {
    const { modulus, solutions } = problem;
    if (style === 'direct') {
      const x = random.choice(solutions);
      return `${reduced(problem, x)} ${boxed(x)}`;
    }
    const stretch = searchStretch(random, residues(modulus), (x) => solutions.includes(x));
    return reflectiveText(
      stretch.map((x) => trial(problem, x)),
      random,
      giveUp,
    );
  },
});
