/** The problems of an experiment: what is asked in training, and what is held out to evaluate by. */
import { taskByName } from '../tasks';
import type { Problem, Task } from '../tasks/types';
import { ExperimentError, type Experiment } from './schema';

export interface Questions {
  task: Task;
  train: readonly Problem[];
  evaluation: readonly Problem[];
  /** Both. */
  all: readonly Problem[];
}

/** @throws ExperimentError when the levels leave nothing to ask */
export function questionsOf({ data, evaluation: { split, problems } }: Experiment): Questions {
  const task = taskByName(data.task);
  const isAsked = ({ level }: Problem) =>
    level === undefined || (level >= data.min_level && level <= data.max_level);
  const train = task.split('train').filter(isAsked);
  const evaluation = task.split(split).filter(isAsked).slice(0, problems);
  if (train.length === 0 || evaluation.length === 0) {
    const levels = task.levels.join(', ');
    throw new ExperimentError([
      {
        path: 'data.min_level',
        message: `No problem of ${task.name} lies between the levels ${data.min_level} and ${data.max_level}. It has the levels ${levels}.`,
      },
    ]);
  }
  return { task, train, evaluation, all: [...train, ...evaluation] };
}

/** So many of the longest questions are tokenised to find the longest prompt, and a little room is left for the rest. */
const MEASURED = 256;
const SPARE_TOKENS = 8;

/** Room for the prompts of all problems, in tokens: to tokenise every one of a large set takes longer than it is worth. */
export function longestPrompt(
  problems: readonly Problem[],
  encodePrompt: (question: string) => readonly number[],
): number {
  const byLength = problems.map(({ prompt }) => prompt).sort((a, b) => b.length - a.length);
  const measured = byLength.slice(0, MEASURED).map((prompt) => encodePrompt(prompt).length);
  return measured.reduce((a, b) => Math.max(a, b), 0) + SPARE_TOKENS;
}
