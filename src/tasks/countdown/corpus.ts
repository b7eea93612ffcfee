/** The pre-training corpus: four styles of document, so that a tiny base reflects now and then but seldom succeeds. */
import type { Random } from '../../random';
import { reflectiveText, searchStretch, type Trial } from '../demonstration';
import type { TokenDocument } from '../packing';
import type { DemonstrationStyle } from '../types';
import {
  apply,
  boxText,
  expressions,
  onePerValue,
  OPERATORS,
  trialText,
  type Expression,
  type Triple,
} from './expressions';
import { countdownProblem, LARGEST, PROMPT_LENGTH, split, type CountdownProblem } from './problems';
import { MAX_NUMBER, tokenIds } from './vocabulary';

/**
 * D direct: a uniform guess, boxed. S single: one trial, boxed. R reflective: trials checked until one is right.
 * F facts: a page of sums and comparisons without a problem.
 */
export type Style = 'D' | 'S' | 'R' | 'F';
export type Page = 'sums' | 'comparisons' | 'checked';

export interface CorpusSettings {
  /** Shares of documents; they sum to 1. */
  readonly styles: Readonly<Record<Style, number>>;
  /** Shares of the kinds of F pages; they sum to 1. */
  readonly pages: Readonly<Record<Page, number>>;
  /** Share of the comparisons on F pages that are true, and of the false ones, near misses (off by 1 to 4). */
  readonly trueComparisons: number;
  readonly nearMisses: number;
  /** R: the chance to give up after a failed check is drawn once a document, each of these equally often. */
  readonly giveUp: readonly number[];
  /** R: share of documents whose target cannot be reached; they never give up before the cycle is over. */
  readonly unreachable: number;
  /** R: at most so many trials. */
  readonly maxTries: number;
}

/** The measured recipe of the shipped base model. */
export const COUNTDOWN_CORPUS: CorpusSettings = {
  styles: { D: 0.34, S: 0.28, R: 0.12, F: 0.26 },
  pages: { sums: 0.35, comparisons: 0.3, checked: 0.35 },
  trueComparisons: 0.5,
  nearMisses: 0.5,
  giveUp: [0.5, 0.05],
  unreachable: 0.2,
  maxTries: 11,
};

export interface CorpusDocument extends TokenDocument {
  readonly style: Style;
}

function draw<K extends string>(random: Random, shares: Readonly<Record<K, number>>): K {
  const names = Object.keys(shares) as K[];
  let u = random.next();
  return names.find((name) => (u -= shares[name]) < 0) ?? names[names.length - 1];
}

/** `<bos>`, the prompt, the response, `<eos>`; the prompt is not learnt. */
const answered = (style: Style, problem: CountdownProblem, response: string): CorpusDocument => ({
  style,
  ids: tokenIds(`<bos> ${problem.prompt} ${response} <eos>`),
  promptLength: PROMPT_LENGTH,
});

export function directDocument(random: Random, problem: CountdownProblem): CorpusDocument {
  return answered('D', problem, boxText(random.choice(expressions(problem.numbers))));
}

export function singleDocument(random: Random, problem: CountdownProblem): CorpusDocument {
  const guess = random.choice(expressions(problem.numbers));
  return answered('S', problem, `${trialText(guess)} ${boxText(guess)}`);
}

/**
 * Searches in a fixed cyclic order from any start, one expression per value, until a check says `yes`; gives up with
 * probability `giveUp` after each `no`, or at the end of the cycle, and then boxes the last trial.
 */
export function reflectiveDocument(
  random: Random,
  problem: CountdownProblem,
  giveUp: number,
  maxTries = COUNTDOWN_CORPUS.maxTries,
): CorpusDocument {
  const cycle = onePerValue(expressions(problem.numbers));
  const start = random.int(cycle.length);
  const stretch = [...cycle.slice(start), ...cycle.slice(0, start)].slice(0, maxTries);
  return answered('R', problem, reflectiveText(stretch.map(trialAt(problem.target)), random, giveUp));
}

const trialAt =
  (target: number) =>
  (e: Expression): Trial => {
    const right = e.value === target;
    return { work: `${trialText(e)} check ${target} ${right ? 'yes' : 'no'}`, right, box: boxText(e) };
  };

/** A response to a problem that can be solved: one trial that succeeds, or the cyclic search of R until one does. */
export function demonstration(
  { numbers, target }: CountdownProblem,
  random: Random,
  style: DemonstrationStyle,
  giveUp = 0,
): string {
  const all = expressions(numbers);
  const isRight = (e: Expression) => e.value === target;
  if (style === 'direct') {
    const solution = random.choice(all.filter(isRight));
    return `${trialText(solution)} ${boxText(solution)}`;
  }
  const stretch = searchStretch(random, onePerValue(all), isRight);
  return reflectiveText(stretch.map(trialAt(target)), random, giveUp);
}

/** The same numbers with a target from 1..63 that no expression reaches. */
function unreachable(random: Random, numbers: Triple): CountdownProblem {
  const taken = new Set([...expressions(numbers).map((e) => e.value), ...numbers]);
  const free = Array.from({ length: MAX_NUMBER }, (_, i) => i + 1).filter((n) => !taken.has(n));
  return countdownProblem(numbers, random.choice(free));
}

/** One step with any operands within bounds, the second at most 16. */
function sum(random: Random): string {
  const operator = random.choice(OPERATORS);
  for (;;) {
    const p = random.range(0, MAX_NUMBER);
    const q = random.range(0, LARGEST);
    const result = apply(operator, p, q);
    const trivial = operator === '*' && q === 0;
    if (p >= q && result <= MAX_NUMBER && !trivial) return `${p} ${operator} ${q} = ${result}`;
  }
}

function comparison(random: Random, value: number, settings: CorpusSettings): string {
  let other = value;
  if (random.next() >= settings.trueComparisons) {
    if (random.next() < settings.nearMisses) {
      do other = value + random.choice([-1, 1]) * random.range(1, 4);
      while (other < 1 || other > MAX_NUMBER);
    } else other = random.range(1, MAX_NUMBER);
  }
  return `check ${other} ${other === value ? 'yes' : 'no'}`;
}

/** Six sums, six bare comparisons, or two checked trials with the numbers of `problem`. */
export function factsDocument(
  random: Random,
  problem: CountdownProblem,
  settings = COUNTDOWN_CORPUS,
): CorpusDocument {
  const lines = (count: number, line: () => string) => Array.from({ length: count }, line);
  const text = {
    sums: () => lines(6, () => sum(random)).join(' , '),
    comparisons: () =>
      lines(6, () => {
        const value = random.range(0, MAX_NUMBER);
        return `= ${value} ${comparison(random, value, settings)}`;
      }).join(' '),
    checked: () =>
      lines(2, () => {
        const guess = random.choice(expressions(problem.numbers));
        return `${trialText(guess)} ${comparison(random, guess.value, settings)}`;
      }).join(' '),
  }[draw(random, settings.pages)]();
  return { style: 'F', ids: tokenIds(`<bos> ${text} <eos>`), promptLength: 1 };
}

function requireShares(what: string, shares: Readonly<Record<string, number>>): void {
  const values = Object.values(shares);
  const total = values.reduce((a, b) => a + b, 0);
  if (values.some((share) => !(share >= 0)) || Math.abs(total - 1) > 1e-9) {
    throw new RangeError(`The ${what} of the corpus must be shares that sum to 1; they sum to ${total}`);
  }
}

/**
 * Documents without end, from problems of the training split only. The same stream gives the same documents.
 * @throws RangeError when shares do not sum to 1.
 */
export function* corpus(random: Random, settings = COUNTDOWN_CORPUS): Generator<CorpusDocument, never> {
  requireShares('styles', settings.styles);
  requireShares('pages', settings.pages);
  for (;;) {
    const problem = random.choice(split('train'));
    switch (draw(random, settings.styles)) {
      case 'D':
        yield directDocument(random, problem);
        break;
      case 'S':
        yield singleDocument(random, problem);
        break;
      case 'R': {
        const hopeless = random.next() < settings.unreachable;
        yield hopeless
          ? reflectiveDocument(random, unreachable(random, problem.numbers), 0, settings.maxTries)
          : reflectiveDocument(random, problem, random.choice(settings.giveUp), settings.maxTries);
        break;
      }
      case 'F':
        yield factsDocument(random, problem, settings);
    }
  }
}
