/** From a user's text to problems, and a report of every row that was dropped. */
import { quoted } from '../boxed';
import { bySplit, hash32 } from '../hash';
import type { Problem, SplitName } from '../types';
import { ANSWER_FIELDS, QUESTION_FIELDS, readItem, type Item } from './item';
import { ImportError, readRows, type Fields, type ImportFormat, type Row } from './rows';
import { isComparable, isMultiPart, isMultipleChoice, isOpenEnded, isProof } from './rules';

export const DROP_REASONS = [
  'malformed line',
  'empty question',
  'question too long',
  'multiple choice',
  'proof',
  'multi-part',
  'open-ended',
  'answer not parsable',
  'in the test set',
  'duplicate',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface DroppedRow {
  /** From 1; of a CSV row, its first line; in a JSON array, the number of the item. */
  readonly line: number;
  readonly reason: DropReason;
  /** The reason in a few words: "same question as line 3". */
  readonly detail: string;
  /** How the question, or else the row, begins. */
  readonly text: string;
}

export interface ImportCounts {
  readonly rows: number;
  readonly kept: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly splits: Readonly<Record<SplitName, number>>;
}

export interface ImportReport {
  readonly problems: readonly Problem[];
  readonly dropped: readonly DroppedRow[];
  readonly counts: ImportCounts;
}

export interface ImportOptions {
  /** By default, what the text looks like. */
  readonly format?: ImportFormat;
  /** Questions to keep out: those of the test set. */
  readonly heldOut?: Iterable<string>;
  /** Whether the checker can read an answer. By default any short one is compared as text or number. */
  readonly parses?: (answer: string) => boolean;
}

const MAX_QUESTION = 8000;

/** The same for questions that differ in case, width, white space or the mark at their end. */
export function normalizeQuestion(question: string): string {
  // Normalising sorts a run of combining marks in quadratic time; no writing needs long ones.
  const text = question
    .replace(/\p{M}{10,}/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
  let end = text.length;
  while (end > 0 && ' ?.!:;'.includes(text[end - 1])) end--;
  return text.slice(0, end);
}

type Finding = readonly [reason: DropReason, detail: string];

/** Why an item cannot be used, whatever else the file holds. */
function flaw(item: Item, parses: (answer: string) => boolean): Finding | undefined {
  const { question, answer } = item;
  if (normalizeQuestion(question.slice(0, MAX_QUESTION)) === '')
    return ['empty question', `no text under ${QUESTION_FIELDS.join(', ')} or messages`];
  if (question.length > MAX_QUESTION)
    return ['question too long', `${question.length} characters, at most ${MAX_QUESTION}`];
  if (isMultipleChoice(item)) return ['multiple choice', 'it offers options to choose from'];
  if (isProof(item)) return ['proof', 'it asks for a proof'];
  if (isMultiPart(item)) return ['multi-part', 'it has several parts or answers'];
  if (isOpenEnded(item)) return ['open-ended', 'it has many good answers'];
  if (answer === '') return ['answer not parsable', `no answer under ${ANSWER_FIELDS.join(', ')}`];
  if (!isComparable(answer) || !parses(answer))
    return ['answer not parsable', `${quoted(answer)} cannot be checked`];
  return undefined;
}

const namesQuestion = (fields: Fields): boolean =>
  [...QUESTION_FIELDS, 'messages'].some((name) => fields.has(name));

/** @throws ImportError when no row has a field for the question */
function requireQuestions(rows: readonly Row[]): void {
  const readable = rows.flatMap((row) => ('fields' in row ? [row.fields] : []));
  if (readable.length === 0 || readable.some(namesQuestion)) return;
  const names = [...readable[0].keys()].slice(0, 10).map(quoted).join(', ') || 'none';
  throw new ImportError(
    `No column holds questions, and nothing was imported. The columns are: ${names}. ` +
      `Name one of them ${QUESTION_FIELDS.join(', ')}, and one ${ANSWER_FIELDS.join(', ')}.`,
  );
}

/** The id, and with it the split, depends on the question alone. */
const problemOf = ({ question, answer, level }: Item, key: string): Problem => ({
  id: [0, 1].map((seed) => hash32(key, seed).toString(16).padStart(8, '0')).join(''),
  prompt: question,
  answer,
  ...(level === undefined ? {} : { level }),
});

function count(rows: number, problems: readonly Problem[], dropped: readonly DroppedRow[]): ImportCounts {
  const reasons = DROP_REASONS.map((reason) => [reason, dropped.filter((d) => d.reason === reason).length]);
  const { train, validation, test } = bySplit(problems, (p) => p.id);
  return {
    rows,
    kept: problems.length,
    dropped: Object.fromEntries(reasons) as Record<DropReason, number>,
    splits: { train: train.length, validation: validation.length, test: test.length },
  };
}

/** Every question of a text, usable or not: what a test set holds. @throws ImportError as `importProblems` does */
export function readQuestions(text: string, format?: ImportFormat): string[] {
  const rows = readRows(text, format);
  requireQuestions(rows);
  return rows.flatMap((row) => ('fields' in row ? [readItem(row.fields).question] : []));
}

/**
 * Reads problems from JSON lines, a JSON array or CSV: `question`, `problem`, `prompt` or `input`; `answer`, `gold`, `target` or
 * `solution`; `level` where there is one; or `messages`. Every row is kept or reported. Time is linear.
 * @throws ImportError when the file as a whole cannot be used: too large, empty, or without questions
 */
export function importProblems(text: string, options: ImportOptions = {}): ImportReport {
  const { parses = () => true, heldOut = [] } = options;
  const testSet = new Set([...heldOut].map(normalizeQuestion));
  const seen = new Map<string, { line: number; answer: string }>();
  const problems: Problem[] = [];
  const dropped: DroppedRow[] = [];
  const rows = readRows(text, options.format);
  requireQuestions(rows);

  for (const row of rows) {
    const { line } = row;
    const drop = ([reason, detail]: Finding, text = row.text) => dropped.push({ line, reason, detail, text });
    if ('malformed' in row) {
      drop(['malformed line', row.malformed]);
      continue;
    }
    const item = readItem(row.fields);
    const shown = item.question.slice(0, 160) || undefined;
    const found = flaw(item, parses);
    if (found) {
      drop(found, shown);
      continue;
    }
    const key = normalizeQuestion(item.question);
    const before = seen.get(key);
    if (testSet.has(key)) drop(['in the test set', 'the same question is held out'], shown);
    else if (before) {
      const other = before.answer === item.answer ? '' : ', with another answer';
      drop(['duplicate', `same question as line ${before.line}${other}`], shown);
    } else {
      seen.set(key, { line, answer: item.answer });
      problems.push(problemOf(item, key));
    }
  }
  return { problems, dropped, counts: count(rows.length, problems, dropped) };
}
