import { countEquations } from '../equations';
import { DIGITS, RESPONSE_WORDS, words } from '../demonstration';
import type { GeneratedTask } from '../types';
import { demonstration } from './corpus';
import { trialCalls } from './expressions';
import { split, type CountdownProblem } from './problems';
import { verify } from './verify';

export type { CountdownProblem } from './problems';

/** Countdown with three numbers: combine each once with + − × into the target. */
export const countdown: GeneratedTask<CountdownProblem> = {
  name: 'countdown',
  title: 'Countdown, three numbers',
  levels: [],
  vocabulary: words('-> = + - * ( )', RESPONSE_WORDS, DIGITS),
  split,
  verify,
  equations: countEquations,
  demonstration,
  calls: trialCalls,
};
