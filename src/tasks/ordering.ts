/** An ordering puzzle, which is not maths: who is third tallest? */
import type { Random } from '../random';
import { judgeBoxed, quoted } from './boxed';
import { boxed, reflectiveText, RESPONSE_WORDS, words, yesNo, type Trial } from './demonstration';
import { generatedTask } from './generated';
import type { Problem } from './types';

const NAMES = ['ann', 'bob', 'carl', 'dora', 'emil', 'fay', 'gus', 'hana'];
const RANKS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'];

/** `first` is taller, or shorter, than `second`. */
export interface Clue {
  readonly first: string;
  readonly relation: 'taller' | 'shorter';
  readonly second: string;
}

/** `bob is taller than carl , bob is shorter than ann , who is first tallest ? A:` */
export interface OrderingProblem extends Problem {
  readonly clues: readonly Clue[];
  /** From the tallest. The clues allow no other order: they hold every pair of neighbours. */
  readonly order: readonly string[];
  /** Index into `order`. */
  readonly rank: number;
}

/** Level n has n + 2 people and n + 1 clues. */
function draw(random: Random, level: number): OrderingProblem {
  const order = random.shuffle([...NAMES]).slice(0, level + 2);
  const rank = random.int(order.length);
  const neighbours = order.slice(1).map((shorter, i): Clue => {
    const taller = order[i];
    return random.int(2)
      ? { first: taller, relation: 'taller', second: shorter }
      : { first: shorter, relation: 'shorter', second: taller };
  });
  const clues = random.shuffle(neighbours);
  const sentences = clues.map(({ first, relation, second }) => `${first} is ${relation} than ${second}`);
  const question = `${sentences.join(' , ')} , who is ${RANKS[rank]} tallest ?`;
  return {
    id: question.replaceAll(' ', '-'),
    prompt: `${question} A:`,
    answer: order[rank],
    level,
    clues,
    order,
    rank,
  };
}

const holds = (order: readonly string[], { first, relation, second }: Clue): boolean =>
  order.indexOf(first) < order.indexOf(second) === (relation === 'taller');

/** Writes an order down and checks clue after clue, up to the first that fails: `ann carl bob check bob taller carl no`. */
function trial({ clues, rank }: OrderingProblem, order: readonly string[]): Trial {
  const failed = clues.findIndex((clue) => !holds(order, clue));
  const right = failed < 0;
  const checks = clues
    .slice(0, right ? clues.length : failed + 1)
    .map((clue) => `check ${clue.first} ${clue.relation} ${clue.second} ${yesNo(holds(order, clue))}`);
  return { work: [...order, ...checks].join(' '), right, box: boxed(order[rank]) };
}

/** From a random order to the right one, each time with one person more in place. */
function orders(random: Random, goal: readonly string[]): string[][] {
  const order = random.shuffle([...goal]);
  const all = [[...order]];
  goal.forEach((name, place) => {
    const from = order.indexOf(name);
    if (from === place) return;
    [order[place], order[from]] = [order[from], order[place]];
    all.push([...order]);
  });
  return all;
}

export const ordering = generatedTask<OrderingProblem>({
  name: 'ordering',
  title: 'Who is third tallest?',
  levels: [1, 2, 3, 4],
  vocabulary: words('is taller shorter than who tallest ?', ...RANKS, ...NAMES, RESPONSE_WORDS),
  draw,
  splitKey: ({ order }) => order.join(' '),
  verify: ({ order, rank, answer }, response) =>
    judgeBoxed(response, (content) => {
      const name = content.toLowerCase();
      if (!order.includes(name))
        return { correct: false, reason: `${quoted(content)} is none of the people` };
      const correct = name === answer;
      const is = `${name} is ${RANKS[order.indexOf(name)]} tallest`;
      return { correct, reason: correct ? is : `${is}, ${answer} is ${RANKS[rank]}` };
    }),
  demonstration(problem, random, style, giveUp = 0) {
    const { order, answer } = problem;
    if (style === 'direct') return `${order.join(' ')} ${boxed(answer)}`;
    const trials = orders(random, order).map((o) => trial(problem, o));
    return reflectiveText(trials, random, giveUp);
  },
});
