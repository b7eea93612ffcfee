/** Responses of every kind with the lab's verdicts, for the Python checker to be held to. */
import { Random } from '../../random';
import { rewardTerms } from '../../rl/reward';
import { answerText } from '../../tasks/format';
import { TASK_NAMES, taskByName, type TaskName } from '../../tasks';
import type { Problem } from '../../tasks/types';
import { truthOf } from './truth';

/** Weights that make every term count; those of the exported `reward.json`. */
export const GOLDEN_SETTINGS = {
  output: 1,
  wrong: -0.5,
  format: 0.25,
  require_format: false,
  length: 0.5,
  actions: 0.75,
  action_words: ['however', 'wait', 'double check'],
  overlong: 1,
  overlong_buffer: 32,
  max_completion_length: 192,
  stop: [],
  eos_token_ids: [2],
};

/** Boxes and texts that checkers stumble over. */
const ODD = [
  '',
  'no box at all',
  '\\boxed{}',
  '\\boxed{ 5',
  '\\boxed{1}\\boxed{2',
  '\\boxed{ 2 } and then \\boxed{ { 3 } }',
  '\\boxed{1,000}',
  '\\boxed{2.50}',
  '\\boxed{\\frac{5}{2}}',
  '\\boxed{x = 5 / 2}',
  '\\boxed{5/0}',
  '\\boxed{−3}',
  '\\boxed{+ 3}',
  '\\boxed{BOB}',
  '\\boxed{((((1))))}',
  '\\boxed{1 + }',
  '\\boxed{1 / 2}',
  '\\boxed{-1}',
  '\\boxed{٣}',
  '\\boxed{\u00a03\ufeff}',
  `\\boxed{${'('.repeat(100)}1${')'.repeat(100)}}`,
  `\\boxed{${'('.repeat(90)}1${')'.repeat(90)}}`,
  `\\boxed{${'😀'.repeat(101)}}`,
  '<think>a</think><answer>7</answer>',
  '<think>a</think><answer>\\boxed{7}</answer>',
  ' <think> a </think>\n<answer> 7 </answer> ',
  'a</think><answer>7</answer>',
  '<think>a</think>b<answer>7</answer>',
  '<think></think><answer>7</answer>',
  '<answer>7</answer><think>a</think>',
  '<think>a</think><answer>7</answer></answer>',
  '</answer>\\boxed{7}<answer>',
  'Wait, WAIT wait_ await wait! double-check double   check doublecheck however',
];

export interface GoldenReward {
  task: TaskName;
  /** JSON of a `Truth`. */
  truth: string;
  response: string;
  length: number;
  finished: boolean;
  correct: boolean;
  terms: Record<string, number>;
}

/** The same cases every time: demonstrations, right, wrong, cut and changed, and the odd ones. */
export function goldenRewards(): GoldenReward[] {
  const random = new Random(11);
  return TASK_NAMES.flatMap((name) => {
    const task = taskByName(name);
    const problems = task.split('train').slice(0, 6);
    const responses = problems.flatMap((problem) => {
      const shown = task.demonstration(problem, random, random.choice(['direct', 'reflective']), 0.2);
      const boxed = /\\boxed\{(.*)\}/s.exec(shown)?.[1].trim() ?? '';
      return [
        shown,
        shown.slice(0, random.int(shown.length)),
        shown.replace(/\d(?=[^\d]*$)/, '7'),
        `<think> ${shown} </think> <answer> ${boxed} </answer>`,
        `\\boxed{${boxed.replaceAll(' ', '')}}`,
        `\\boxed{${boxed} + 0}`,
      ].map((response): [Problem, string] => [problem, response]);
    });
    const odd = ODD.map((response): [Problem, string] => [problems[0], response]);
    return [...responses, ...odd].map(([problem, response]): GoldenReward => {
      const [length, finished] = [1 + random.int(192), random.int(5) > 0];
      const correct = finished && task.verify(problem, answerText(response)).correct;
      const input = { prompt: problem.prompt, response, answer: problem.answer, correct, finished, length };
      const { action_words: actionWords, overlong_buffer: overlongBuffer, ...weights } = GOLDEN_SETTINGS;
      const terms = rewardTerms(
        { ...input, maxLength: weights.max_completion_length },
        { ...weights, requireFormat: false, actionWords, overlongBuffer, toolCost: 0, custom: 0 },
      );
      return {
        task: name,
        truth: JSON.stringify(truthOf(name, problem)),
        response,
        length,
        finished,
        correct,
        terms,
      };
    });
  });
}
