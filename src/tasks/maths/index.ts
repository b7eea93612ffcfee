/** Free-form maths answers: whether a predicted answer equals the gold one. */
import { Comparison, withoutPlusMinus } from './compare';
import { MathsError } from './errors';
import { MAX_ANSWER_CHARACTERS } from './lexer';
import { parseAnswer } from './parser';
import type { Node } from './tree';

export interface Equality {
  readonly equal: boolean;
  /** One plain sentence for the rollout viewer. */
  readonly reason: string;
}

/** What stays when layout is dropped: equal texts are equal answers even if they cannot be read as maths. */
const stripped = (text: string): string =>
  text
    .replace(/\\(left|right|displaystyle|[,;:! $])|[\s$]/g, ' ')
    .replace(/ +/g, ' ')
    .replace(/(?<![\w,]) | (?!\w)/g, '')
    .replace(/\\[dtc]frac/g, '\\frac')
    .replace(/(?<![.,])[.,]+$/, '');

/**
 * Compares two answers: the content of a box, LaTeX or plain text. Numbers and rational functions are compared exactly;
 * other expressions at fixed points to some 60 digits. What cannot be read or decided is not equal, unless the texts are
 * the same but for layout. Never throws; the work is bounded whatever the texts.
 */
export function compareAnswers(gold: string, pred: string): Equality {
  const [a, b] = [stripped(gold), stripped(pred)];
  if (b === '') return { equal: false, reason: 'The answer is empty' };
  if (a === b) return { equal: true, reason: 'The answer is the gold answer' };
  const goldNode = read(gold);
  if (typeof goldNode === 'string')
    return { equal: false, reason: `The gold answer cannot be read: ${goldNode}` };
  const predNode = read(pred);
  if (typeof predNode === 'string') return { equal: false, reason: `The answer cannot be read: ${predNode}` };
  try {
    const equal = new Comparison().equal(goldNode, predNode);
    return { equal, reason: `${shown(pred)} ${equal ? 'equals' : 'is not'} ${shown(gold)}` };
  } catch (error) {
    if (!(error instanceof MathsError)) throw error;
    return {
      equal: false,
      reason: `${shown(pred)} cannot be compared with ${shown(gold)}: ${error.message}`,
    };
  }
}

/** Whether the predicted answer equals the gold one; see `compareAnswers`. */
export const equivalent = (gold: string, pred: string): boolean => compareAnswers(gold, pred).equal;

/** The answer as a tree, or why there is none. */
function read(text: string): Node | string {
  if (text.length > MAX_ANSWER_CHARACTERS) return `it has more than ${MAX_ANSWER_CHARACTERS} characters`;
  try {
    return withoutPlusMinus(parseAnswer(text));
  } catch (error) {
    if (error instanceof MathsError) return error.message;
    throw error;
  }
}

const shown = (text: string): string => {
  const line = text.trim().replace(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};
