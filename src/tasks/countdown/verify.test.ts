import { describe, expect, test } from 'vitest';
import { Random } from '../../random';
import { countEquations } from '../equations';
import { apply, boxText, expressions, OPERATORS } from './expressions';
import { countdownProblem, split } from './problems';
import { verify } from './verify';
import { VOCABULARY } from './vocabulary';

const problem = countdownProblem([9, 8, 2], 15);
const reason = (response: string) => verify(problem, response).reason;
const box = (inner: string) => verify(problem, `\\boxed{${inner}}`);

test.each(['train', 'validation', 'test'] as const)(
  'every problem of %s has a solution, and it is accepted',
  (name) => {
    for (const p of split(name)) {
      const solution = expressions(p.numbers).find((e) => e.value === p.target)!;
      expect(verify(p, boxText(solution))).toMatchObject({ correct: true });
      expect(verify({ ...p, target: p.target + 1 }, boxText(solution)).correct).toBe(false);
      const wrong = expressions(p.numbers).find((e) => e.value !== p.target);
      if (wrong)
        expect(verify(p, boxText(wrong)).reason).toBe(`${wrong.value} is not the target ${p.target}`);
    }
  },
);

test('every order, pair of operators and parenthesis agrees with direct arithmetic (seed 9)', () => {
  const random = new Random(9);
  const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]; // prettier-ignore
  for (let i = 0; i < 60; i++) {
    const { numbers, target } = random.choice(split('train'));
    for (const order of orders)
      for (const p of OPERATORS)
        for (const q of OPERATORS) {
          const [a, b, c] = order.map((k) => numbers[k]);
          const left = apply(q, apply(p, a, b), c);
          const right = apply(p, a, apply(q, b, c));
          const bare = q === '*' && p !== '*' ? right : left;
          const goal = countdownProblem(numbers, target);
          expect(verify(goal, `\\boxed{ ( ${a} ${p} ${b} ) ${q} ${c} }`).correct).toBe(left === target);
          expect(verify(goal, `\\boxed{${a}${p}(${b}${q}${c})}`).correct).toBe(right === target);
          expect(verify(goal, `\\boxed{${a} ${p} ((${b})) ${q} ${c}}`).correct).toBe(bare === target);
        }
  }
});

test('the last box counts', () => {
  expect(verify(problem, '\\boxed{ 1 } 9 + 8 = 17 check 15 no \\boxed{ ( 9 + 8 ) - 2 } <eos>')).toEqual({
    correct: true,
    extracted: '( 9 + 8 ) - 2',
    reason: '15 is the target and each number is used once',
  });
  expect(reason('\\boxed{ ( 9 + 8 ) - 2 } \\boxed{ 9')).toBe('The last \\boxed{ is not closed');
});

test('a verdict says what is wrong', () => {
  expect(reason('')).toBe('There is no \\boxed{} in the response');
  expect(box(' ').reason).toBe('The box is empty');
  expect(box('9+8+2').reason).toBe('19 is not the target 15');
  expect(box('9+8').reason).toBe('2 is not used');
  expect(box('9+8-2+2-2').reason).toBe('2 is used too often');
  expect(box('9+3*2').reason).toBe('3 is not among the given numbers 9, 8, 2');
  expect(box('15').reason).toBe('15 is not among the given numbers 9, 8, 2');
  expect(box('(9+8-2').reason).toBe('The box is not an expression: it ends too early');
  expect(box('9 8 - 2').reason).toBe('The box is not an expression: unexpected "8"');
  expect(box('9+8+-2').reason).toContain('unexpected "-"');
});

describe('odd and hostile boxes are refused', () => {
  const odd = {
    'deep parentheses': `${'('.repeat(90)}9+8-2${')'.repeat(90)})`,
    'a million parentheses': '('.repeat(1_000_000),
    'a million braces': '{'.repeat(1_000_000) + '}'.repeat(1_000_000),
    'a huge number': '9'.repeat(190),
    'other digits': '٩+٨-٢',
    'full-width digits': '９+８-２',
    'a lone surrogate': '9+8-2\ud800',
    emoji: '9+8-2😀',
    'a power': '9**8',
    code: 'process.exit(1)',
    'a prototype key': '__proto__',
    'a decimal': '9.0+8-2',
    'an equation': '9+8-2=15',
  };
  test.each(Object.entries(odd))('%s', (_, inner) => {
    const verdict = box(inner);
    expect(verdict.correct).toBe(false);
    expect(verdict.reason.length).toBeLessThan(80);
  });
  test('within bounds, depth does no harm', () => {
    expect(box(`${'('.repeat(90)}9+8-2${')'.repeat(90)}`).correct).toBe(true);
  });
});

test('10,000 random strings of tokens never throw (seed 21)', () => {
  const random = new Random(21);
  const core = ['\\boxed{', '}', '(', ')', '+', '-', '*', '9', '8', '2'];
  for (let i = 0; i < 10_000; i++) {
    const words = Array.from({ length: random.int(40) }, () => random.choice(i % 2 ? core : VOCABULARY));
    const response = words.join(random.choice([' ', '', '  ', '\n']));
    const verdict = verify(problem, response);
    expect(verdict.reason).not.toBe('');
    expect(countEquations(response).right).toBeLessThanOrEqual(countEquations(response).total);
  }
});

test('equations are counted at the level of tokens', () => {
  expect(countEquations('4 * 2 = 8 , 13 - 8 = 6 check 6 yes')).toEqual({ right: 1, total: 2 });
  expect(countEquations('1+2=3+4=7')).toEqual({ right: 2, total: 2 });
  expect(countEquations('= 3 ( 1 + 2 ) = 3 1 + = 3 2 + 2 =')).toEqual({ right: 0, total: 0 });
  expect(countEquations('')).toEqual({ right: 0, total: 0 });
});
