/** From the fields of a row to a question and its answer, whatever the data set calls them. */
import { lastBoxed } from '../boxed';
import type { Fields } from './rows';

/** Names in the order of preference. */
export const QUESTION_FIELDS = ['question', 'problem', 'prompt', 'input'] as const;
export const ANSWER_FIELDS = ['answer', 'gold', 'target', 'solution'] as const;
const OPTION_FIELDS = ['options', 'choices'] as const;

export interface Item {
  /** White space collapsed. */
  readonly question: string;
  /** The final answer: what is boxed in a worked solution, or stands behind `####`. Empty where there is none. */
  readonly answer: string;
  readonly level?: number;
  /** More than one answer or more than one turn of the user. */
  readonly severalParts: boolean;
  /** The row brings options to choose from. */
  readonly options: boolean;
}

const isFilled = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
const first = (fields: Fields, names: readonly string[]): unknown =>
  names.map((name) => fields.get(name)).find(isFilled);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';

/** The texts of one role of a conversation. */
const said = (conversation: readonly unknown[], role: string): string[] =>
  conversation.flatMap((turn) => (isObject(turn) && turn.role === role ? [textOf(turn.content)] : []));

/** `\boxed{72}` and `… #### 72` are 72; any other text is its own answer. */
export function finalAnswer(text: string): string {
  const boxed = lastBoxed(text);
  if (boxed.content !== null) return boxed.content;
  const mark = text.lastIndexOf('####');
  return (mark < 0 ? text : text.slice(mark + 4)).trim();
}

/** `3`, `"3"` and `"Level 3"` are 3. */
function levelOf(value: unknown): number | undefined {
  const digits = /\d{1,3}/.exec(textOf(value).slice(0, 40));
  return digits && Number(digits[0]) >= 1 ? Number(digits[0]) : undefined;
}

/**
 * What a row asks and what is right. A conversation, as `messages` or as a list in the question's place, asks what its
 * user says first; its assistant's last words are the answer where no other field has one. Missing parts are empty.
 */
export function readItem(fields: Fields): Item {
  const asked = first(fields, QUESTION_FIELDS) ?? fields.get('messages');
  const conversation: readonly unknown[] = Array.isArray(asked) ? asked : [];
  const questions = said(conversation, 'user');
  const given = first(fields, ANSWER_FIELDS) ?? said(conversation, 'assistant').at(-1);
  const answers: readonly unknown[] = Array.isArray(given) ? given : [given];
  const question = Array.isArray(asked) ? (questions[0] ?? '') : textOf(asked);
  return {
    question: question.replace(/\s+/g, ' ').trim(),
    answer: finalAnswer(textOf(answers[0])),
    level: levelOf(fields.get('level')),
    severalParts: answers.length > 1 || questions.length > 1,
    options: isFilled(first(fields, OPTION_FIELDS)),
  };
}
