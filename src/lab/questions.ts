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
