/** How often does a letter occur in a word? */
import type { Random } from '../random';
import { judgeBoxedNumber } from './boxed';
import { boxed, DIGITS, reflectiveText, RESPONSE_WORDS, words, yesNo, type Trial } from './demonstration';
import { generatedTask } from './generated';
import { rationalText } from './rational';
import type { Problem } from './types';

const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
/** A word of a level has so many letters. */
const LENGTHS = [4, 6, 9, 12];

/** `count a in b a d a c A:` */
export interface LettersProblem extends Problem {
  readonly letter: string;
  readonly word: readonly string[];
}

/** Half of the letters, on average, are drawn from three kinds, so that some repeat; one of these is asked for. */
function draw(random: Random, level: number): LettersProblem {
  const common = random.shuffle([...LETTERS]).slice(0, 3);
  const word = Array.from({ length: LENGTHS[level - 1] }, () =>
    random.choice(random.int(2) ? common : LETTERS),
  );
  const letter = random.choice(common);
  return {
    id: `${letter}:${word.join('')}`,
    prompt: `count ${letter} in ${word.join(' ')} A:`,
    answer: String(word.filter((l) => l === letter).length),
    level,
    letter,
    word,
  };
}

/** Spells a word and counts along: `b a 1 d a 2 c = 2`. */
function counted(word: readonly string[], letter: string): string {
  let count = 0;
  const spelt = word.map((l) => (l === letter ? `${l} ${++count}` : l));
  return `${spelt.join(' ')} = ${count}`;
}

export const letters = generatedTask<LettersProblem>({
  name: 'letters',
  title: 'Count the letters',
  levels: [1, 2, 3, 4],
  vocabulary: words('count in =', ...LETTERS, RESPONSE_WORDS, DIGITS),
  draw,
  splitKey: ({ word }) => word.join(''),
  verify: ({ letter, word, answer }, response) =>
    judgeBoxedNumber(response, (value) => {
      const correct = rationalText(value) === answer;
      const times = `${letter} occurs ${answer} ${answer === '1' ? 'time' : 'times'} in ${word.join('')}`;
      return { correct, reason: correct ? times : `${rationalText(value)} is wrong: ${times}` };
    }),
  demonstration({ letter, word, answer }, random, style, giveUp = 0) {
    if (style === 'direct') return `${counted(word, letter)} ${boxed(answer)}`;
    const right = Number(answer);
    const near = [right - 1, right + 1, right + 2].filter((n) => n >= 0);
    const guesses = [...random.shuffle(near).slice(0, random.int(3)), right];
    // Every other time from behind: a second look should not repeat the first.
    const trials = guesses.map((guess, i): Trial => {
      const spelt = counted(i % 2 ? word.toReversed() : word, letter);
      return {
        work: `${guess} , ${spelt} check ${guess} ${yesNo(guess === right)}`,
        right: guess === right,
        box: boxed(guess),
      };
    });
    return reflectiveText(trials, random, giveUp);
  },
});
