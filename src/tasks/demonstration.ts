/** What the demonstrations of all families share: the form of a search by trial and check. */
import type { Random } from '../random';

export const DIGITS = '0 1 2 3 4 5 6 7 8 9';
/** The words around the work itself. */
export const RESPONSE_WORDS = 'A: , check yes no wait \\boxed{ }';

/** The different words of texts whose words are separated by single spaces. */
export const words = (...texts: readonly string[]): readonly string[] => [
  ...new Set(texts.join(' ').split(' ')),
];

/** No search in a demonstration is longer. */
export const MAX_TRIES = 11;

export interface Trial {
  /** The work and its verdict: `3 * 5 = 15 , 15 + 4 = 19 check 19 yes`. */
  readonly work: string;
  readonly right: boolean;
  /** What is boxed when this trial is the last: `\boxed{ 5 }`. */
  readonly box: string;
}

export const boxed = (answer: string | number): string => `\\boxed{ ${answer} }`;
export const yesNo = (right: boolean): 'yes' | 'no' => (right ? 'yes' : 'no');

/** Trials up to the first right one, joined by `wait`, and the box of the last; gives up with chance `giveUp` after a `no`. */
export function reflectiveText(trials: readonly Trial[], random: Random, giveUp: number): string {
  let text = '';
  for (const [i, { work, right, box }] of trials.entries()) {
    text += work;
    if (right || i + 1 === trials.length || random.next() < giveUp) return `${text} ${box}`;
    text += ' wait ';
  }
  return text;
}

/**
 * The stretch of a cyclic search that ends at its first right item, after at most `MAX_TRIES`; each start is equally
 * likely. There must be a right item.
 */
export function searchStretch<T>(
  random: Random,
  cycle: readonly T[],
  isRight: (item: T) => boolean,
): readonly T[] {
  const goal = random.choice([...cycle.keys()].filter((i) => isRight(cycle[i])));
  const before = random.int(Math.min(MAX_TRIES, cycle.length));
  const stretch = Array.from({ length: before + 1 }, (_, i) => cycle.at((goal - before + i) % cycle.length)!);
  return stretch.slice(0, stretch.findIndex(isRight) + 1);
}
