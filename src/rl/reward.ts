/** What a response earns: terms that add up, each kept apart (arXiv 2503.04548, sections 3.1 and 4.2). */
import { hasZeroFormat } from '../tasks/format';
import { keywordPattern } from '../tasks/keywords';

export interface RewardSettings {
  /** Of a right, finished answer, and of any other response. */
  output: number;
  wrong: number;
  /** Of a response in the Zero format. */
  format: number;
  /** A response that breaks the Zero format earns 0. */
  requireFormat: boolean;
  /** RRL: × tokens / limit. */
  length: number;
  /** RRA: × min(A, 20)/20, A = occurrences of the action words. */
  actions: number;
  actionWords: readonly string[];
  /** Overlong penalty × share of the buffer that is used (DAPO, arXiv 2503.14476). */
  overlong: number;
  overlongBuffer: number;
  /** Taken off for each call. */
  toolCost: number;
  /** Weight of the person's own function. */
  custom: number;
}

/** What a reward can look at; also what a person's own function is given, as JSON. */
export interface RewardInput {
  prompt: string;
  response: string;
  /** The gold answer. */
  answer: string;
  /** Right and finished. */
  correct: boolean;
  finished: boolean;
  /** Tokens, and the limit at which a response is cut. */
  length: number;
  maxLength: number;
  /** Calls of the interpreter, where there is one. */
  calls?: number;
}

/** RRA counts no more than so many. */
const MOST_ACTIONS = 20;

/** The terms of one response; those of weight 0 are left out. `custom` is what the person's own function returned. */
export function rewardTerms(
  input: RewardInput,
  settings: RewardSettings,
  custom?: number,
): Record<string, number> {
  const { output, wrong, format, requireFormat, length, actions, overlong, overlongBuffer } = settings;
  if (requireFormat && !hasZeroFormat(input.response)) return { output: 0 };
  const overlongBy = Math.max(0, input.length - (input.maxLength - overlongBuffer));
  return {
    output: input.correct ? output : wrong,
    ...(format !== 0 && { format: hasZeroFormat(input.response) ? format : 0 }),
    ...(length !== 0 && { length: (length * input.length) / input.maxLength }),
    ...(actions !== 0 && {
      actions:
        (actions * Math.min(countActions(input.response, settings.actionWords), MOST_ACTIONS)) / MOST_ACTIONS,
    }),
    ...(overlong !== 0 && { overlong: (-overlong * Math.min(overlongBy, overlongBuffer)) / overlongBuffer }),
    ...(settings.toolCost !== 0 && { tool_cost: -settings.toolCost * (input.calls ?? 0) }),
    ...(custom !== undefined && { custom: settings.custom * custom }),
  };
}

/** How often the words occur, whole and in any case. */
export function countActions(text: string, words: readonly string[]): number {
  return words.length ? [...text.matchAll(keywordPattern(words))].length : 0;
}
