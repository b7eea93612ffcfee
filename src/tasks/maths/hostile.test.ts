/** Whatever the text, there is a verdict, soon, and never for nothing. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Random } from '../../random';
import type { Verdict } from '../types';
import { grade } from './grade';

const SEED = 5;
/** Ten times what the worst takes on an idle machine; a search that explodes takes far longer. */
const LIMIT_MS = 250;

/** The verdict, and how long it takes: the best of several times, for the machine may do something else as well. */
function timed(gold: string, pred: string): { verdict: Verdict; milliseconds: number } {
  let milliseconds = Infinity;
  for (let attempt = 0; ; attempt++) {
    const start = performance.now();
    const verdict = grade(gold, pred);
    milliseconds = Math.min(milliseconds, performance.now() - start);
    if (milliseconds < LIMIT_MS || attempt === 8) return { verdict, milliseconds };
  }
}

const file = join(import.meta.dirname, '../../../e2e/golden/math-verify.jsonl');
const cases = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { gold: string; pred: string });

const PIECES =
  '\\frac { } ( ) [ ] ^ _ | \\sqrt 9 0 - \\pm \\cup ! % $ \\boxed{ \\text{ , ; = < & \\\\ \\sin \\log_ \\infty x 1e9 ^{9^9} i π 😀 . ' +
  '\\left \\begin{pmatrix} \\end{pmatrix} \\sum_ 999999999999 \u0000 \\overline{ answer';

test(`10,000 mutated responses get a verdict without an error (seed ${SEED})`, () => {
  const random = new Random(SEED);
  const pieces = PIECES.split(' ');
  for (let round = 0; round < 10_000; round++) {
    let text = random.choice(cases).pred.slice(-300);
    for (let edits = 1 + random.int(4); edits > 0; edits--) {
      const at = random.int(text.length + 1);
      text =
        text.slice(0, at) + (random.int(5) ? random.choice(pieces) : '') + text.slice(at + random.int(3));
    }
    const gold = random.int(2) ? random.choice(cases).gold : text;
    const { verdict, milliseconds } = timed(gold, text);
    expect(verdict.reason.length).toBeGreaterThan(0);
    expect(milliseconds, JSON.stringify({ gold, text })).toBeLessThan(LIMIT_MS);
  }
}, 60_000);

const box = (content: string) => `\\boxed{${content}}`;
const counted = (n: number, form: (i: number) => string, separator: string) =>
  Array.from({ length: n }, (_, i) => form(i)).join(separator);

test.each<[what: string, pred: string, gold?: string]>([
  ['parentheses', '('.repeat(50_000) + '1' + ')'.repeat(50_000)],
  ['braces', box('{'.repeat(900) + '1' + '}'.repeat(900))],
  ['boxes in boxes', '\\boxed{'.repeat(15_000)],
  ['a tower of powers', box('9^{9^{9^{9}}}'), '9^{9^{9^{8}}}'],
  ['exponentials', box('e^{e^{e^{e^{9}}}}')],
  ['large factorials', box('100000!')],
  ['a large binomial', box('\\binom{10^{9}}{10^{8}}')],
  ['a large exponent', '1e99999'],
  ['100 kB of digits', '9'.repeat(100_000)],
  ['long digits', box('9'.repeat(1900)), '9'.repeat(1899) + '8'],
  ['dollars', '$'.repeat(100_000)],
  ['backslashes', '\\'.repeat(100_000)],
  ['spaces', ' '.repeat(100_000)],
  ['mentions', 'answer is '.repeat(10_000)],
  ['numbers', '1, '.repeat(30_000)],
  ['thousands', '1,000'.repeat(20_000)],
  ['many products', box('(x+y+z+1)'.repeat(200))],
  ['a high power', box('(x+y+z+w+1)^{60}+1'), '(x+y+z+w+1)^{60}'],
  ['nested sines', box('\\sin('.repeat(15) + 'x' + ')'.repeat(15)), '\\sin(x)'],
  ['nested roots', box('\\sqrt{2+'.repeat(18) + '1' + '}'.repeat(18)), '2'],
  ['many fractions', box(counted(100, (i) => `\\frac1{x+${i}}`, '+'))],
  ['many roots', box(counted(80, (i) => `\\sqrt{${10 ** 12 + 7919 * i}}`, '+'))],
  [
    'sets of roots',
    box(counted(60, (i) => `\\sqrt{${i}+x}`, ',')),
    counted(60, (i) => `\\sqrt{x+${59 - i}}`, ','),
  ],
  ['many intervals', box(counted(80, (i) => `(${2 * i},\\sqrt{${4 * i * i + 3}})`, '\\cup')), '(0,1)'],
  ['many ±', box('\\pm 1'.repeat(300))],
])('%s: refused in time', (_what, pred, gold = '7') => {
  const { verdict, milliseconds } = timed(gold, pred);
  expect(verdict.correct).toBe(false);
  expect(milliseconds).toBeLessThan(LIMIT_MS);
});
