/** Sums, differences and products of numbers with several digits, worked out place by place. */
import type { Random } from '../random';
import { judgeBoxedNumber } from './boxed';
import { apply, OPERATORS, type Operator } from './countdown/expressions';
import { boxed, DIGITS, reflectiveText, RESPONSE_WORDS, words, yesNo, type Trial } from './demonstration';
import { generatedTask } from './generated';
import { rationalText } from './rational';
import type { Problem } from './types';

/** `compute 47 * 36 A:`, the larger number first. */
export interface ArithmeticProblem extends Problem {
  readonly a: number;
  readonly operator: Operator;
  readonly b: number;
}

const numberOf = (random: Random, digits: number) => random.range(10 ** (digits - 1), 10 ** digits - 1);

/** Both numbers have `level` digits; the second factor of a product has half as many. */
function draw(random: Random, level: number): ArithmeticProblem {
  const operator = random.choice(OPERATORS);
  const one = numberOf(random, level);
  const other = numberOf(random, operator === '*' ? Math.ceil(level / 2) : level);
  const [a, b] = [Math.max(one, other), Math.min(one, other)];
  const text = `${a} ${operator} ${b}`;
  return {
    id: text.replaceAll(' ', ''),
    prompt: `compute ${text} A:`,
    answer: String(apply(operator, a, b)),
    level,
    a,
    operator,
    b,
  };
}

/** 407 is 400 and 7. */
const places = (n: number): number[] =>
  [...String(n)].map((digit, i, all) => Number(digit) * 10 ** (all.length - 1 - i)).filter(Boolean);

/** `47 + 30 = 77 , 77 + 6 = 83`, or `47 * 30 = 1410 , 47 * 6 = 282 , 1410 + 282 = 1692`; b is not 0. */
export function placeByPlace(a: number, operator: Operator, b: number): string {
  const chain = (start: number, sign: Operator, terms: readonly number[]) => {
    let value = start;
    return terms.map((term) => `${value} ${sign} ${term} = ${(value = apply(sign, value, term))}`);
  };
  if (operator !== '*') return chain(a, operator, places(b)).join(' , ');
  const products = places(b).map((place) => a * place);
  const partial = places(b).map((place, i) => `${a} * ${place} = ${products[i]}`);
  return [...partial, ...chain(products[0], '+', products.slice(1))].join(' , ');
}

/** Works with `used` in place of b, then checks by the inverse; a product by exchanging its factors. */
function trial({ a, operator, b }: ArithmeticProblem, used: number): Trial {
  const value = apply(operator, a, used);
  const right = used === b;
  const check = {
    '+': () => `${placeByPlace(value, '-', b)} check ${a}`,
    '-': () => `${placeByPlace(value, '+', b)} check ${a}`,
    '*': () => `${placeByPlace(b, '*', a)} check ${value}`,
  }[operator]();
  return { work: `${placeByPlace(a, operator, used)} , ${check} ${yesNo(right)}`, right, box: boxed(value) };
}

/** Numbers that differ from b in one digit. */
const slips = ({ a, operator, b }: ArithmeticProblem): number[] =>
  [...String(b)]
    .flatMap((_, place) => [-2, -1, 1, 2].map((off) => b + off * 10 ** place))
    .filter((used) => used >= 1 && !(operator === '-' && used > a));

export const arithmetic = generatedTask<ArithmeticProblem>({
  name: 'arithmetic',
  title: 'Arithmetic with several digits',
  levels: [1, 2, 3, 4],
  vocabulary: words('compute + - * =', RESPONSE_WORDS, DIGITS),
  draw,
  splitKey: ({ a, b }) => `${a},${b}`,
  verify: ({ a, operator, b, answer }, response) =>
    judgeBoxedNumber(response, (value) => {
      const correct = rationalText(value) === answer;
      return {
        correct,
        reason: `${rationalText(value)} is ${correct ? 'right' : 'wrong'}: ${a} ${operator} ${b} = ${answer}`,
      };
    }),
  demonstration(problem, random, style, giveUp = 0) {
    const { a, operator, b, answer } = problem;
    if (style === 'direct') return `${placeByPlace(a, operator, b)} ${boxed(answer)}`;
    const wrong = random.shuffle(slips(problem)).slice(0, random.int(3));
    return reflectiveText(
      [...wrong, b].map((used) => trial(problem, used)),
      random,
      giveUp,
    );
  },
});
