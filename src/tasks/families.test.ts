/** Each family against an oracle that solves its prompt in another way. */
import { describe, expect, test } from 'vitest';
import { arithmetic } from './arithmetic';
import { arrows } from './arrows';
import { letters } from './letters';
import { linear } from './linear';
import { modular } from './modular';
import { ordering } from './ordering';
import { tokenIds } from './countdown/vocabulary';
import type { GeneratedTask, Problem } from './types';

const problems = <P extends Problem>(task: GeneratedTask<P>) => [
  ...task.split('train'),
  ...task.split('validation'),
  ...task.split('test'),
];
const box = <P extends Problem>(task: GeneratedTask<P>, problem: P, content: string) =>
  task.verify(problem, `\\boxed{${content}}`);

test('arithmetic: the prompt, read again, has the answer; its level is its digits', () => {
  for (const p of problems(arithmetic)) {
    const [, a, operator, b] = /^compute (\d+) ([-+*]) (\d+) A:$/.exec(p.prompt)!;
    const [x, y] = [BigInt(a), BigInt(b)];
    expect(p.answer).toBe(String(operator === '+' ? x + y : operator === '-' ? x - y : x * y));
    expect(a.length).toBe(p.level);
    expect(Number(p.answer)).toBeGreaterThanOrEqual(0);
  }
});

test('arithmetic: the same pair of numbers never lies in two splits', () => {
  const pairs = (split: 'train' | 'test') => arithmetic.split(split).map(({ a, b }) => `${a},${b}`);
  const train = new Set(pairs('train'));
  expect(pairs('test').filter((pair) => train.has(pair))).toEqual([]);
});

test('modular: exactly the numbers below m that fit are accepted', () => {
  for (const p of problems(modular).slice(0, 500)) {
    const [, a, b, m] = /^solve (\d+|x) \* x = (\d+) mod (\d+) A:$/.exec(p.prompt)!;
    for (let x = -1; x <= Number(m); x++) {
      const left = BigInt(a === 'x' ? x : a) * BigInt(x);
      const fits = x >= 0 && x < Number(m) && left % BigInt(m) === BigInt(b);
      expect(box(modular, p, String(x)).correct).toBe(fits);
    }
  }
});

/** Both sides at x = p/q, times q. */
function bothSides(prompt: string, p: number, q: number): number[] {
  const equation = prompt.replace('solve ', '').replace(' A:', '').replaceAll('- ', '+ -');
  return equation.split(' = ').map((side) =>
    side
      .split(' + ')
      .map((term) => (term.endsWith('x') ? parseInt(term) * p : Number(term) * q))
      .reduce((sum, term) => sum + term),
  );
}

test('linear: the answer put in makes both sides equal; only the last level has fractions', () => {
  for (const problem of problems(linear)) {
    const [p, q = 1] = problem.answer.split(' / ').map(Number);
    const [left, right] = bothSides(problem.prompt, p, q);
    expect(left).toBe(right);
    expect(q > 1).toBe(problem.level === 4);
    expect(p).toBeGreaterThan(0);
    for (const written of [`${p}/${q}`, `x = ${2 * p} / ${2 * q}`, `\\frac{${p}}{${q}}`])
      expect(box(linear, problem, written).correct).toBe(true);
    expect(box(linear, problem, `${p + 1}/${q}`).correct).toBe(false);
    expect(box(linear, problem, `-${p}/${q}`).correct).toBe(false);
  }
});

function* permutations(items: readonly string[]): Generator<string[]> {
  if (items.length === 0) yield [];
  for (const item of items)
    for (const rest of permutations(items.filter((i) => i !== item))) yield [item, ...rest];
}

describe('ordering', () => {
  test('the clues leave one order, and the answer has the rank asked for', () => {
    for (const p of problems(ordering).slice(0, 300)) {
      const clues = [...p.prompt.matchAll(/(\w+) is (taller|shorter) than (\w+)/g)];
      const people = [...new Set(clues.flatMap(([, first, , second]) => [first, second]))];
      const possible = [...permutations(people)].filter((order) =>
        clues.every(
          ([, first, relation, second]) =>
            order.indexOf(first) < order.indexOf(second) === (relation === 'taller'),
        ),
      );
      expect(possible).toHaveLength(1);
      expect(people).toHaveLength(p.level! + 2);
      const asked = /who is (\w+) tallest/.exec(p.prompt)![1];
      const rank = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].indexOf(asked);
      expect(p.answer).toBe(possible[0][rank]);
      for (const name of people) expect(box(ordering, p, name).correct).toBe(name === p.answer);
    }
  });

  test('an order of people never lies in two splits', () => {
    const train = new Set(ordering.split('train').map((p) => p.order.join()));
    expect(ordering.split('test').filter((p) => train.has(p.order.join()))).toEqual([]);
  });
});

test('letters: as many as splitting the word leaves gaps', () => {
  for (const p of problems(letters)) {
    const [, letter, word] = /^count (.) in (.*) A:$/.exec(p.prompt)!;
    expect(p.answer).toBe(String(word.split(letter).length - 1));
  }
});

test('arrows: as far as they lead, and every word is one of the tiny model', () => {
  for (const p of problems(arrows)) {
    const next = new Map([...p.prompt.matchAll(/(\d+) -> (\d+)/g)].map(([, from, to]) => [from, to]));
    let at = / so (\d+) A:$/.exec(p.prompt)![1];
    let steps = 0;
    for (let to = next.get(at); to !== undefined; to = next.get(at)) {
      at = to;
      steps++;
    }
    expect([p.answer, p.level]).toEqual([at, steps]);
    expect(() => tokenIds(p.prompt)).not.toThrow();
  }
});

test('a verdict is one plain sentence', () => {
  const reasons = [
    box(arithmetic, arithmetic.split('test')[0], 'x'),
    box(arithmetic, arithmetic.split('test')[0], '5'),
    box(modular, modular.split('test')[0], '99'),
    box(ordering, ordering.split('test')[0], 'Zoe'),
    box(letters, letters.split('test')[0], '40'),
  ].map((v) => v.reason);
  expect(reasons).toEqual([
    '"x" is not a number',
    '5 is wrong: 68 * 1 = 68',
    '99 is not a whole number from 0 to 16',
    '"Zoe" is none of the people',
    '40 is wrong: e occurs 4 times in eehheghfebba',
  ]);
});
