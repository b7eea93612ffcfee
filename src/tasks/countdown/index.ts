import { countEquations } from '../equations';
import type { Task } from '../types';
import { split, type CountdownProblem } from './problems';
import { verify } from './verify';

export type { CountdownProblem } from './problems';

/** Countdown with three numbers: combine each once with + − × into the target. */
export const countdown: Task<CountdownProblem> = {
  name: 'countdown',
  title: 'Countdown, three numbers',
  split,
  verify,
  equations: countEquations,
};
