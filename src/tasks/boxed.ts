import type { Rational } from './maths/rational';
import { parseRational } from './rational';
import type { Verdict } from './types';

/** A longer box is refused unread: no checker needs to fear its length. */
const MAX_BOX_CHARACTERS = 200;

/**
 * The content of the last `\boxed{…}` in a text, trimmed, braces inside it balanced; or why there is none.
 * Linear in the length of the text.
 */
export function lastBoxed(text: string): { content: string } | { content: null; reason: string } {
  const opening = '\\boxed{';
  const at = text.lastIndexOf(opening);
  if (at < 0) return { content: null, reason: 'There is no \\boxed{} in the response' };
  const start = at + opening.length;
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return { content: text.slice(start, i).trim() };
  }
  return { content: null, reason: 'The last \\boxed{ is not closed' };
}

/**
 * The verdict of `judge` on the last `\boxed{…}` of a response; a box that is missing, empty or overlong is wrong.
 * @param judge sees a box of 1 to 200 characters and must not throw
 */
export function judgeBoxed(
  response: string,
  judge: (content: string) => { correct: boolean; reason: string },
): Verdict {
  const boxed = lastBoxed(response);
  if (boxed.content === null) return { correct: false, extracted: null, reason: boxed.reason };
  const extracted = boxed.content;
  const wrong = (reason: string): Verdict => ({ correct: false, extracted, reason });
  if (extracted === '') return wrong('The box is empty');
  if (extracted.length > MAX_BOX_CHARACTERS)
    return wrong(`The box holds more than ${MAX_BOX_CHARACTERS} characters`);
  return { ...judge(extracted), extracted };
}

/** As `judgeBoxed`, for a number: `12`, `5 / 2`, `2.5`, or after `x =`. */
export const judgeBoxedNumber = (
  response: string,
  judge: (value: Rational) => { correct: boolean; reason: string },
): Verdict =>
  judgeBoxed(response, (content) => {
    const value = parseRational(content.replace(/^x ?= ?/, ''));
    return value ? judge(value) : { correct: false, reason: `${quoted(content)} is not a number` };
  });

/** A text in quotes, cut to fit into a sentence. */
export const quoted = (text: string): string => (text.length > 40 ? `"${text.slice(0, 40)}…"` : `"${text}"`);

/** A box and where it stands, `text.slice(start, end)`. */
export interface Box {
  readonly content: string;
  readonly start: number;
  readonly end: number;
}

/** What a box without braces holds: up to the next box, `$` or end of the line; not the words of a sentence about \boxed. */
const UNBRACED = /^(?=[-+]?[\d.\\([]|[A-Za-z](?![A-Za-z]))(?:(?!\\(?:boxed|fbox))[^$\n])+/;

/**
 * All closed boxes of a text that are not inside another one, in order: `\boxed{…}`, `\fbox{…}`, and `\boxed 5`, which
 * holds what follows up to a `$` or the end of the line. Linear in the length of the text.
 */
export function allBoxed(text: string): Box[] {
  const boxes: Box[] = [];
  const opened: (number | null)[] = [];
  const command = /\\(?:boxed|fbox)\s{0,4}/y;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '}') {
      const start = opened.pop();
      if (start == null) continue;
      while (boxes.length && boxes.at(-1)!.start > start) boxes.pop();
      const content = text.slice(text.indexOf('{', start) + 1, i).trim();
      boxes.push({ content, start, end: i + 1 });
    } else if (text[i] === '{') opened.push(null);
    else if (text[i] === '\\') {
      command.lastIndex = i;
      const found = command.exec(text);
      if (!found) continue;
      const end = i + found[0].length;
      if (text[end] === '{') opened.push(i);
      else {
        const [content] = UNBRACED.exec(text.slice(end, end + 100)) ?? [''];
        if (content) boxes.push({ content: content.trim(), start: i, end: end + content.length });
      }
      i = end - (text[end] === '{' ? 0 : 1);
    }
  }
  return boxes.filter((box, i) => i === 0 || box.start >= boxes[i - 1].end);
}
