/** Agreement with Math-Verify: `e2e/golden/make_maths.py` made the verdicts by running it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { grade } from './grade';

interface Case {
  gold: string;
  pred: string;
  correct: boolean;
  group: string;
}

const file = join(import.meta.dirname, '../../../e2e/golden/math-verify.jsonl');
const cases = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Case);

/** Equal answers that Math-Verify 0.9.0 takes for different, and why; in both directions. */
const EQUAL_ALL_THE_SAME: [a: string, b: string, why: string][] = [
  ['6.02 \\times 10^{23}', '602 \\times 10^{21}', 'rounding errors of its floats'],
  ['\\frac{1+\\sqrt{5}}{2}', '2\\cos 36^\\circ', 'it drops the degrees and takes the cosine of 36 radians'],
  ['x', '\\frac{x^2}{x}', 'it compares an expression with a single variable by spelling'],
  ['x', '(x+y)^{10}-(x+y)^{10}+x', 'the same'],
  ['x>5', '2x>10', 'its solver gives another form'],
];
const explained = ({ gold, pred }: Case) =>
  EQUAL_ALL_THE_SAME.some(([a, b]) =>
    [
      [a, b],
      [b, a],
    ].some(([x, y]) => gold === `$${x}$` && [`\\boxed{${y}}`, `The answer is $${y}$`].includes(pred)),
  );

const graded = cases.map((c) => ({ ...c, ours: grade(c.gold, c.pred).correct }));
const documented = graded.filter((c) => c.group.startsWith('documented/') && c.correct);
const agreement = documented.filter((c) => c.ours).length / documented.length;

test(`${(100 * agreement).toFixed(1)} % of ${documented.length} documented equal forms are accepted, at least 95 %`, () => {
  const refused = documented.filter((c) => !c.ours).map(({ gold, pred }) => [gold, pred.slice(-80)]);
  expect(agreement, JSON.stringify(refused, null, 1)).toBeGreaterThanOrEqual(0.95);
});

test.each([...new Set(cases.map((c) => c.group.split('/')[0]))])(
  '%s: at least 95 %% of the equal ones are accepted',
  (top) => {
    const equal = graded.filter((c) => c.correct && c.group.split('/')[0] === top);
    const accepted = equal.filter((c) => c.ours).length;
    // Pairs across lines are meant to differ; the few that Math-Verify finds equal are borderline.
    if (top !== 'cross') expect(accepted / equal.length).toBeGreaterThanOrEqual(0.95);
  },
);

test(`none of ${cases.filter((c) => !c.correct).length} unequal pairs is accepted`, () => {
  const accepted = graded.filter((c) => !c.correct && c.ours && !explained(c));
  expect(accepted.map(({ gold, pred }) => [gold, pred])).toEqual([]);
});
