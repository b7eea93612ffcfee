/** Follow the arrows: a question about nothing but what points where, in words that the tiny model has. */
import type { Random } from '../random';
import { judgeBoxedNumber } from './boxed';
import { replaceByCalls } from './calls';
import { MAX_NUMBER } from './countdown/vocabulary';
import { boxed, DIGITS, reflectiveText, RESPONSE_WORDS, words, yesNo, type Trial } from './demonstration';
import { generatedTask } from './generated';
import { rationalText } from './rational';
import type { Problem } from './types';

/** Arrows beside the path that lead from its numbers to nowhere on it. */
const ASIDE = 2;

/** `12 -> 5 , 40 -> 12 , 33 -> 8 , 8 -> 50 so 40 A:`: from 40 the arrows lead to 5. */
export interface ArrowsProblem extends Problem {
  /** From the number asked for to where no arrow leads on. */
  readonly path: readonly number[];
}

/** Level n has a path of n arrows, and two arrows aside. */
function draw(random: Random, level: number): ArrowsProblem {
  const numbers = random.shuffle(Array.from({ length: MAX_NUMBER + 1 }, (_, n) => n));
  const path = numbers.slice(0, level + 1);
  const aside = numbers.slice(level + 1, level + 2 + ASIDE);
  const arrows = [path, aside].flatMap((all) => all.slice(1).map((to, i) => `${all[i]} -> ${to}`));
  const question = `${random.shuffle(arrows).join(' , ')} so ${path[0]}`;
  return {
    id: question.replaceAll(' ', ''),
    prompt: `${question} A:`,
    answer: String(path.at(-1)),
    level,
    path,
  };
}

/** Guesses, follows the arrows and compares: `12 , 40 -> 12 -> 5 check 12 no`. */
function trial({ path }: ArrowsProblem, guess: number): Trial {
  const right = guess === path.at(-1);
  return { work: `${guess} , ${path.join(' -> ')} check ${guess} ${yesNo(right)}`, right, box: boxed(guess) };
}

export const arrows = generatedTask<ArrowsProblem>({
  name: 'arrows',
  title: 'Follow the arrows',
  levels: [1, 2, 3, 4],
  vocabulary: words('-> so', RESPONSE_WORDS, DIGITS),
  draw,
  splitKey: ({ path }) => path.join(' '),
  verify: ({ path, answer }, response) =>
    judgeBoxedNumber(response, (value) => {
      const correct = rationalText(value) === answer;
      const leads = `the arrows lead from ${path[0]} to ${answer}`;
      return { correct, reason: correct ? leads : `${rationalText(value)} is wrong: ${leads}` };
    }),
  demonstration(problem, random, style, giveUp = 0) {
    const { path, answer } = problem;
    if (style === 'direct') return `${path.join(' -> ')} ${boxed(answer)}`;
    const wrong = random.shuffle(path.slice(0, -1)).slice(0, random.int(3));
    const trials = [...wrong, path.at(-1)!].map((guess) => trial(problem, guess));
    return reflectiveText(trials, random, giveUp);
  },
  calls: (text) =>
    replaceByCalls(text, /(?<=-> (\d+)) check (\d+) (?:yes|no)/g, ([, end, guess]) => `${guess} = ${end}`),
});
