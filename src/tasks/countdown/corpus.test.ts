import { describe, expect, test } from 'vitest';
import { Random } from '../../random';
import { countEquations } from '../equations';
import {
  corpus,
  COUNTDOWN_CORPUS,
  reflectiveDocument,
  singleDocument,
  type CorpusDocument,
  type Style,
} from './corpus';
import { expressions, onePerValue, trialText } from './expressions';
import { split } from './problems';
import { verify } from './verify';
import { tokenText } from './vocabulary';

const SEED = 1;
const COUNT = 20_000;
const take = (count: number, seed = SEED, settings = COUNTDOWN_CORPUS): CorpusDocument[] => {
  const stream = corpus(new Random(seed), settings);
  return Array.from({ length: count }, () => stream.next().value);
};
const documents = take(COUNT);
const of = (style: Style) => documents.filter((d) => d.style === style);
const response = (d: CorpusDocument) => tokenText(d.ids.slice(d.promptLength));

/** Five standard deviations of a binomial share. */
function expectShare(count: number, total: number, share: number) {
  expect(Math.abs(count / total - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / total));
}

const train = new Map(split('train').map((p) => [p.prompt, p]));
const trainTriples = new Set(split('train').map((p) => p.numbers.join(' ')));
const problemOf = (d: CorpusDocument) => train.get(tokenText(d.ids.slice(1, d.promptLength)));

describe(`${COUNT} documents of seed ${SEED}`, () => {
  test.each(['D', 'S', 'R', 'F'] as const)('the share of %s is the recipe’s', (style) => {
    expectShare(of(style).length, COUNT, COUNTDOWN_CORPUS.styles[style]);
  });

  test('each begins and ends, fits a row of 192, and stays in the training split', () => {
    const misshapen = documents.filter((d) => {
      const text = tokenText(d.ids);
      const framed = /^<bos> [^<]* <eos>$/.test(text) && d.ids.length <= 192;
      const triple = tokenText(d.ids.slice(1, 4));
      return (
        !framed ||
        (d.style === 'F' ? d.promptLength !== 1 : d.promptLength !== 7 || !trainTriples.has(triple))
      );
    });
    expect(misshapen).toEqual([]);
  });

  test('every equation and every verdict is right', () => {
    const mistaken = documents.map(response).filter((text) => {
      const { right, total } = countEquations(text);
      const verdicts = [...text.matchAll(/= (\d+) check (\d+) (yes|no)/g)];
      return right !== total || verdicts.some(([, v, w, verdict]) => (v === w) !== (verdict === 'yes'));
    });
    expect(mistaken).toEqual([]);
  });

  test('D and S guess: right about one time in nine, never checking', () => {
    for (const style of ['D', 'S'] as const) {
      const right = of(style).filter((d) => verify(problemOf(d)!, response(d)).correct).length;
      expectShare(right, of(style).length, 0.114);
      expect(of(style).some((d) => response(d).includes('check'))).toBe(false);
    }
    expect(response(of('D')[0])).toMatch(/^\\boxed\{ .* \} <eos>$/);
    expect(response(of('S')[0])).toMatch(/^\d+ . \d+ = \d+ , \d+ . \d+ = \d+ \\boxed\{/);
  });

  test('R copies the target into each check and boxes its last trial', () => {
    let right = 0;
    for (const d of of('R')) {
      const text = response(d);
      const target = tokenText([d.ids[5]]);
      expect(text.match(/check \d+/g)!.every((c) => c === `check ${target}`)).toBe(true);
      const last = Number(text.match(/= (\d+) check \d+ (?:yes|no) \\boxed/)![1]);
      const boxed = verify({ ...split('train')[0], numbers: numbersOf(d), target: last }, text);
      expect(boxed.correct).toBe(true);
      expect(text.includes('yes')).toBe(String(last) === target);
      expect(text.split(' wait ').length).toBeLessThanOrEqual(11);
      right += Number(text.includes('yes'));
    }
    // As often as in 4,700 documents of the PyTorch prototype.
    expectShare(right, of('R').length, 0.398);
  });

  test('a fifth of R cannot succeed: it goes through the cycle without giving up', () => {
    const hopeless = of('R').filter((d) => !problemOf(d));
    expectShare(hopeless.length, of('R').length, COUNTDOWN_CORPUS.unreachable);
    for (const d of hopeless) {
      const cycle = onePerValue(expressions(numbersOf(d))).length;
      expect(response(d).split(' wait ')).toHaveLength(Math.min(11, cycle));
    }
  });

  test('F pages: sums, comparisons and checked trials in their shares, half of the comparisons true', () => {
    const pages = of('F').map(response);
    expectShare(pages.filter((t) => !t.includes('check')).length, pages.length, 0.35);
    expectShare(pages.filter((t) => t.startsWith('=')).length, pages.length, 0.3);
    const checks = pages.flatMap((t) => [...t.matchAll(/= (\d+) check (\d+) (yes|no)/g)]);
    // A random other number is by chance the same one time in about 63.
    expectShare(checks.filter((c) => c[3] === 'yes').length, checks.length, 0.5 + 0.25 / 63);
    const wrong = checks.filter((c) => c[3] === 'no');
    const near = wrong.filter((c) => Math.abs(Number(c[1]) - Number(c[2])) <= 4).length;
    expect(near / wrong.length).toBeGreaterThan(0.5);
    expect(near / wrong.length).toBeLessThan(0.6);
  });
});

const numbersOf = (d: CorpusDocument) =>
  tokenText(d.ids.slice(1, 4)).split(' ').map(Number) as [number, number, number];

test('S opens with any expression, R with the first one of any value, each equally often (seed 2)', () => {
  const random = new Random(2);
  const problem = split('train')[0];
  const all = expressions(problem.numbers);
  const openings = [
    { outcomes: all, make: () => singleDocument(random, problem) },
    { outcomes: onePerValue(all), make: () => reflectiveDocument(random, problem, 0.5) },
  ];
  for (const { outcomes, make } of openings) {
    const counts = new Map(outcomes.map((e) => [trialText(e), 0]));
    for (let i = 0; i < 200 * outcomes.length; i++) {
      const first = tokenText(make().ids.slice(7, 18));
      counts.set(first, counts.get(first)! + 1);
    }
    const chiSquare = [...counts.values()].reduce((sum, n) => sum + (n - 200) ** 2 / 200, 0);
    const freedom = outcomes.length - 1;
    expect(counts.size).toBe(outcomes.length);
    expect(chiSquare).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
  }
});

test('the same seed gives the same documents, another seed others', () => {
  expect(take(50)).toEqual(take(50));
  expect(take(50)).not.toEqual(take(50, SEED + 1));
});

test('a base without R holds none, and shares must sum to 1', () => {
  const without = { ...COUNTDOWN_CORPUS, styles: { D: 0.4, S: 0.3, R: 0, F: 0.3 } };
  expect(take(2000, SEED, without).some((d) => d.style === 'R')).toBe(false);
  expect(() => take(1, SEED, { ...without, styles: { ...without.styles, R: 0.12 } })).toThrow('sum to 1');
});
