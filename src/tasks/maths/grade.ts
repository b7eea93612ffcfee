import type { Verdict } from '../types';
import { extractAnswer } from './extract';
import { compareAnswers } from './index';

/**
 * Checks a whole response against the gold answer, which may itself be a solution with a box.
 * Never throws; a verdict takes milliseconds whatever the texts.
 */
export function grade(gold: string, response: string): Verdict {
  const extracted = extractAnswer(response);
  if (extracted === null) return { correct: false, extracted, reason: 'There is no answer in the response' };
  const { equal, reason } = compareAnswers(extractAnswer(gold) ?? gold, extracted);
  return { correct: equal, extracted, reason };
}
