import { describe, expect, test } from 'vitest';
import { TASK_NAMES, taskByName } from '.';
import { Random } from '../random';
import { ofLevels } from './generated';
import { DEMONSTRATION_STYLES, type SplitName } from './types';

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];
const SEED = 11;

/** The right sides of `= v check w verdict`: v and w must agree exactly where the verdict is `yes`. */
const verdicts = (text: string) => [...text.matchAll(/= (\d+) check (\d+) (yes|no)/g)];
const boxOf = (text: string) => text.slice(text.lastIndexOf('\\boxed{'));

describe.each(TASK_NAMES)('%s', (name) => {
  const task = taskByName(name);
  const all = SPLITS.flatMap((s) => task.split(s));
  const random = new Random(SEED);
  const sample = Array.from({ length: 400 }, () => random.choice(all));

  test('its problems are unique, and most are for training', () => {
    expect(new Set(all.map((p) => p.id)).size).toBe(all.length);
    expect(new Set(all.map((p) => p.prompt)).size).toBe(all.length);
    for (const split of ['validation', 'test'] as const) {
      expect(task.split(split).length / all.length).toBeGreaterThan(0.08);
      expect(task.split(split).length / all.length).toBeLessThan(0.13);
    }
  });

  test('every level is graded and occurs in every split, mixed', () => {
    for (const split of SPLITS) {
      const levels = new Set(
        task
          .split(split)
          .slice(0, 100)
          .flatMap((p) => p.level ?? []),
      );
      expect([...levels].sort()).toEqual(task.levels);
    }
    for (const level of task.levels) {
      const some = ofLevels(task.split('train'), [level]);
      expect(some.length).toBeGreaterThan(0);
      expect(some.every((p) => p.level === level)).toBe(true);
    }
  });

  test(`demonstrations are right, and so is every equation and verdict in them (seed ${SEED})`, () => {
    for (const problem of sample)
      for (const style of DEMONSTRATION_STYLES) {
        const text = task.demonstration(problem, random, style);
        const { right, total } = task.equations(text);
        const mistaken = verdicts(text).filter(([, v, w, verdict]) => (v === w) !== (verdict === 'yes'));
        expect({ text, ...task.verify(problem, text), wrong: total - right, mistaken }).toMatchObject({
          correct: true,
          wrong: 0,
          mistaken: [],
        });
        expect(text.includes('check')).toBe(style === 'reflective');
        expect(task.verify(problem, boxOf(problem.answer)).correct).toBe(false);
      }
  });

  test(`a search that gives up is right only after a yes (seed ${SEED})`, () => {
    let gaveUp = 0;
    for (const problem of sample) {
      const text = task.demonstration(problem, random, 'reflective', 0.5);
      const succeeded = /yes \\boxed/.test(text);
      // Ordering may box the right person after a wrong order.
      if (succeeded || name !== 'ordering') expect(task.verify(problem, text).correct).toBe(succeeded);
      expect(text.split(' wait ').length).toBeLessThanOrEqual(11);
      gaveUp += Number(!succeeded);
    }
    expect(gaveUp).toBeGreaterThan(40);
  });

  test('its vocabulary holds every word, and no other', () => {
    const used = new Set<string>();
    for (const problem of sample)
      for (const style of DEMONSTRATION_STYLES)
        for (const word of `${problem.prompt} ${task.demonstration(problem, random, style)}`.split(' '))
          for (const part of /^\d+$/.test(word) ? word : [word]) used.add(part);
    expect([...used].sort()).toEqual([...task.vocabulary].sort());
  });

  test('the same stream gives the same demonstration', () => {
    const once = () => task.demonstration(sample[0], new Random(3), 'reflective');
    expect(once()).toBe(once());
  });

  test(`any response has a verdict (seed ${SEED})`, () => {
    const core = ['\\boxed{', '}', 'x', '=', '-', '/', '7', '\\frac{', '٣', '😀', '\ud800', '__proto__', '0'];
    for (let i = 0; i < 3000; i++) {
      const parts = Array.from({ length: random.int(30) }, () =>
        random.choice(i % 2 ? core : task.vocabulary),
      );
      const response = parts.join(random.choice(['', ' ', '\n']));
      for (const text of [response, `\\boxed{${response.replaceAll(/[{}]/g, '')}}`]) {
        const verdict = task.verify(sample[i % 400], text);
        expect(verdict.reason).not.toBe('');
        expect(verdict.reason.length).toBeLessThan(140);
      }
    }
    expect(task.verify(sample[0], `\\boxed{${'9'.repeat(1e6)}}`).correct).toBe(false);
    expect(task.verify(sample[0], '\\boxed{0/0}').correct).toBe(false);
  });
});

test('the problems are the same on every machine', () => {
  const first = TASK_NAMES.map((name) => taskByName(name).split('test')[0].prompt);
  expect(first).toEqual([
    '6 5 2 -> 60 A:',
    'compute 68 * 1 A:',
    'solve 10 * x = 13 mod 17 A:',
    'solve 6 * x + 2 = 32 A:',
    'hana is taller than bob , ann is shorter than carl , ann is taller than hana , emil is shorter than bob , who is fourth tallest ? A:',
    'count e in e e h h e g h f e b b a A:',
    '24 -> 20 , 2 -> 14 , 9 -> 24 so 2 A:',
  ]);
});
