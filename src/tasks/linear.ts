/** Linear equations in one unknown; the answer is a whole number or, at the last level, a fraction. */
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
import { equals, rational } from './maths/rational';
import { rationalText } from './rational';
import type { Problem } from './types';

/** a x + b = c x + d with a > c ≥ 0 and b < 0 written as a difference: `solve 5 * x - 2 = 3 * x + 8 A:`. */
export interface LinearProblem extends Problem {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** x = p / q in lowest terms. */
interface Candidate {
  readonly p: number;
  readonly q: number;
}

/** Whole answers are 1 to this. */
const LARGEST_ANSWER = 12;

function candidate(numerator: number, denominator: number): Candidate {
  const { n: p, d: q } = rational(BigInt(numerator), BigInt(denominator));
  return { p: Number(p), q: Number(q) };
}
const solution = ({ a, b, c, d }: Omit<LinearProblem, keyof Problem>) => candidate(d - b, a - c);
const text = ({ p, q }: Candidate) => (q === 1 ? `${p}` : `${p} / ${q}`);
const signed = (n: number) => `${n < 0 ? '-' : '+'} ${Math.abs(n)}`;

function linearProblem(a: number, b: number, c: number, d: number, level: number): LinearProblem {
  const equation = `${a} * x ${signed(b)} = ${c ? `${c} * x + ` : ''}${d}`;
  return {
    id: equation.replaceAll(' ', ''),
    prompt: `solve ${equation} A:`,
    answer: text(solution({ a, b, c, d })),
    level,
    a,
    b,
    c,
    d,
  };
}

/** Level 1: a x + b = d, small. 2: larger, also a difference. 3: x on both sides. 4: the answer is a positive fraction. */
function draw(random: Random, level: number): LinearProblem {
  for (;;) {
    const a = level === 1 ? random.range(2, 9) : random.range(3, 12);
    const b = random.range(1, level === 1 ? 9 : 20) * (level === 1 || random.int(2) ? 1 : -1);
    const c = level === 3 ? random.range(2, a - 1) : 0;
    const x = random.range(1, LARGEST_ANSWER);
    const d = level === 4 ? random.range(1, 40) : (a - c) * x + b;
    if (d < 1 || c >= a) continue;
    if (level === 4 && (d <= b || solution({ a, b, c, d }).q === 1)) continue;
    return linearProblem(a, b, c, d, level);
  }
}

/** Puts x = p / q in, times q: `5 * 5 = 25 , 25 - 2 = 23 , 3 * 5 = 15 , 15 + 8 = 23 check 23 yes`. */
function trial({ a, b, c, d }: LinearProblem, x: Candidate): Trial {
  const { p, q } = x;
  const side = (factor: number, constant: number) => {
    const [product, scaled] = [factor * p, constant * q];
    const value = product + scaled;
    const steps = [`${factor} * ${p} = ${product}`];
    if (q > 1) steps.push(`${Math.abs(constant)} * ${q} = ${Math.abs(scaled)}`);
    return { steps: [...steps, `${product} ${signed(scaled)} = ${value}`], value };
  };
  const left = side(a, b);
  const right = left.value === c * p + d * q;
  const scaledRight = q > 1 ? [`${d} * ${q} = ${d * q}`] : [];
  const work =
    c === 0 && q === 1
      ? `${left.steps.join(' , ')} check ${d}`
      : `${[...left.steps, ...(c ? side(c, d).steps : scaledRight)].join(' , ')} check ${left.value}`;
  return { work: `${work} ${yesNo(right)}`, right, box: boxed(text(x)) };
}

/** Collects the terms and divides: `8 + 2 = 10 , 5 - 3 = 2 , 2 * 5 = 10`; a fraction is shortened. */
function workedOut(problem: LinearProblem): string {
  const { a, b, c, d } = problem;
  const { p, q } = solution(problem);
  const [factor, constant] = [a - c, d - b];
  const steps = [`${d} ${signed(-b)} = ${constant}`];
  if (c) steps.push(`${a} - ${c} = ${factor}`);
  const shortened = factor / q;
  if (q === 1) steps.push(`${factor} * ${p} = ${constant}`);
  else if (shortened > 1) steps.push(`${p} * ${shortened} = ${constant}`, `${q} * ${shortened} = ${factor}`);
  return steps.join(' , ');
}

/** What a usual slip gives: the constant forgotten or moved with the wrong sign, the division not exact. */
function mistakes({ a, b, d }: LinearProblem, { p, q }: Candidate): Candidate[] {
  const whole = Math.floor(p / q);
  return [candidate(d, a), candidate(d + b, a), candidate(whole, 1), candidate(whole + 1, 1)];
}

/** Trials that end with the solution: numbers in turn where it is whole, after a few slips where it is a fraction. */
function candidates(problem: LinearProblem, random: Random): readonly Candidate[] {
  const x = solution(problem);
  const isRight = ({ p, q }: Candidate) => p === x.p && q === x.q;
  const stays = ({ p, q }: Candidate) => p > 0 && problem.a * p + problem.b * q >= 0;
  if (x.q === 1) {
    const all = Array.from({ length: LARGEST_ANSWER }, (_, i) => ({ p: i + 1, q: 1 }));
    return searchStretch(random, all.filter(stays), isRight);
  }
  const wrong = mistakes(problem, x).filter((m) => stays(m) && !isRight(m));
  const different = [...new Map(wrong.map((m) => [text(m), m])).values()];
  return [...random.shuffle(different).slice(0, random.int(3)), x];
}

export const linear = generatedTask<LinearProblem>({
  name: 'linear',
  title: 'Linear equations',
  levels: [1, 2, 3, 4],
  vocabulary: words('solve x + - * / =', RESPONSE_WORDS, DIGITS),
  draw,
  splitKey: ({ id }) => id,
  verify: (problem, response) =>
    judgeBoxedNumber(response, (value) => {
      const { p, q } = solution(problem);
      const correct = equals(value, rational(BigInt(p), BigInt(q)));
      const x = rationalText(value);
      return { correct, reason: correct ? `x = ${x} solves it` : `x = ${x} does not solve it` };
    }),
  demonstration(problem, random, style, giveUp = 0) {
    if (style === 'direct') return `${workedOut(problem)} ${boxed(problem.answer)}`;
    const trials = candidates(problem, random).map((x) => trial(problem, x));
    return reflectiveText(trials, random, giveUp);
  },
});
