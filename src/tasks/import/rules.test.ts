import { expect, test } from 'vitest';
import type { Item } from './item';
import { isComparable, isMultiPart, isMultipleChoice, isOpenEnded, isProof } from './rules';

const ask = (question: string, more: Partial<Item> = {}): Item => ({
  question,
  answer: '1',
  severalParts: false,
  options: false,
  ...more,
});

const CASES: [name: string, rule: (item: Item) => boolean, fires: string[], stays: string[]][] = [
  [
    'multiple choice',
    isMultipleChoice,
    [
      'What is 1 + 1? (A) 1 (B) 2 (C) 3',
      'What is $x$? $\\textbf{(A)}\\ 1 \\qquad \\textbf{(B)}\\ 2 \\qquad \\textbf{(C)}\\ 3$',
      'What is 1 + 1? A. 1 B. 2 C. 3 D. 4',
      'What is 1 + 1? A) 1 B) 2 C) 3',
      'What is 1 + 1? A: 1 B: 2 C: 3',
      'Which of the following is prime?',
      'Select all that apply: 2 is even, 3 is even.',
      'Please choose the correct number.',
    ],
    [
      'Triangle ABC has the angles A, B and C. Find A.',
      'P(A) = 0.5, P(B) = 0.3 and P(C) = 0.1. What is the sum?',
      'Given f(A) + f(B) + f(C) = 3, find f(0).',
      'A train leaves town A. It passes town B. How long does it take?',
      'The sets (A), (B) are disjoint. How large is their union?',
      'In how many ways can she choose the numbers?',
      'C. is Roman for 100, B. for nothing, A. too. What is C + C?',
    ],
  ],
  [
    'proof',
    isProof,
    [
      'Prove that there are infinitely many primes.',
      'Let n be odd. Show that n² is odd.',
      'Find all n and prove that there are no others.',
      'PROVE: 1 + 1 = 2',
      'Disprove the claim.',
      'Justify your answer.',
    ],
    [
      'How many steps does a proof by induction have at least?',
      'Sales improve by 5%. By how much do they rise in 2 years?',
      'It was shown that 3 of 4 coats are waterproof. What share is that?',
      'The shop will show that film 5 times. How many hours is that?',
      'How long does bread need to be proven?',
    ],
  ],
  [
    'multi-part',
    isMultiPart,
    [
      '(a) What is 1 + 1? (b) What is 2 + 2?',
      'Let x = 3. a) Find 2x. b) Find 3x.',
      'Find (i) the mean and (ii) the median of 1, 2, 6.',
    ],
    [
      'Given f(a) = 3 and f(b) = 5, find f(a) + f(b).',
      'What is (a)(b) where a = 2 and b = 3?',
      'The points (a, b) and (b, a) have which distance for a = 1, b = 2?',
      'Expand (a + b)(a - b).',
      'Let i be the imaginary unit. What is (i) times itself?',
    ],
  ],
  [
    'open-ended',
    isOpenEnded,
    [
      'Explain how a magnet works.',
      'Why is the sky blue?',
      'Solve x + 1 = 2 and explain your steps.',
      'Write a short story about a fox.',
      'What is gravity, in your own words?',
      'Name the capital of France, then describe it.',
    ],
    [
      'How many words does Ann write in an essay of 3 pages of 200 words?',
      'What is the whyte-value of 7?',
      'The table describes 5 cars. How many wheels do they have?',
      'Write 0.5 as a fraction.',
      'A poem has 4 stanzas of 4 lines. How many lines is that?',
    ],
  ],
];

for (const [name, rule, fires, stays] of CASES) {
  test.each(fires)(`${name}: %s`, (question) => expect(rule(ask(question))).toBe(true));
  test.each(stays)(`not ${name}: %s`, (question) => expect(rule(ask(question))).toBe(false));
}

test('the other fields of a row count too', () => {
  expect(isMultipleChoice(ask('What is 1 + 1?', { options: true }))).toBe(true);
  expect(isMultiPart(ask('What are both?', { severalParts: true }))).toBe(true);
  expect(isMultiPart(ask('What are both?', { answer: '(a) 1 (b) 2' }))).toBe(true);
});

test.each(['5', '-1/2', 'Paris', '\\frac{1}{2}', 'x = 3 or x = 4', 'no', '0'])('%s is comparable', (answer) =>
  expect(isComparable(answer)).toBe(true),
);
test.each(['', 'N/A', 'none given', 'Answers may vary.', 'See the solution', '?', 'a\nb', 'x'.repeat(101)])(
  '%s is not comparable',
  (answer) => expect(isComparable(answer)).toBe(false),
);
