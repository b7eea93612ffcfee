import { expect, test } from 'vitest';
import { extractAnswer } from './extract';
import { grade } from './grade';

test.each<[what: string, response: string, answer: string | null]>([
  [
    'the last box',
    'First \\boxed{4}. No! I was wrong about the sign there and so \\boxed{4} must be turned round into its negative \\boxed{-4}',
    '-4',
  ],
  ['boxes side by side', 'so \\boxed{2} and \\boxed{3}', '2, 3'],
  ['boxes far apart', '\\boxed{1} no no no no no \\boxed{2}', '2'],
  ['a box of percent', 'it is $\\boxed{28}$ percent', '28 \\%'],
  ['a box without braces', 'so $\\boxed 5$', '5'],
  ['a bare answer', ' \\frac{x}{2} ', '\\frac{x}{2}'],
  ['what follows "answer is"', 'Since 3 + 4 = 7, the answer is 7.\nI am done with 2 checks.', '7'],
  ['a formula after "answer"', 'Answer: the largest $n$ is $12$, see above', '12'],
  ['an equation after "answer is"', 'The answer is x = 5.', 'x = 5'],
  ['words after "answer is"', 'The answer is Paris.', 'Paris'],
  ['the last formula', 'With \\(a = 1\\) we get \\[ a + 1 = 2 \\] as wanted', 'a + 1 = 2'],
  ['the last number', 'We have 12 apples and 1,300 pears left', '1,300'],
  ['a number with a scale', 'They sold 3 million tickets', '3 \\text{million}'],
  ['GSM8K', 'He has 3 + 4 = 7 left.\n#### 7', '7'],
  ['a dollar amount', 'She pays $1,250.50 in total', '1,250.50'],
  ['no number in a product', 'the derivative equals 2x', 'the derivative equals 2x'],
  ['nothing', '  ', null],
])('%s', (_what, response, answer) => {
  expect(extractAnswer(response)).toBe(answer);
});

test('the gold answer may be a solution too', () => {
  const gold = 'We add: $3 + 4 = 7$, hence $\\boxed{7}$.';
  expect(grade(gold, 'The answer is 7.')).toEqual({
    correct: true,
    extracted: '7',
    reason: 'The answer is the gold answer',
  });
  expect(grade(gold, '').reason).toBe('There is no answer in the response');
});
