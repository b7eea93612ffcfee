/** Which part of a response is its answer, after Math-Verify: the last boxes, what follows "answer", or the last formula or number. */
import { allBoxed, type Box } from '../boxed';
import { MathsError } from './errors';
import { MAX_ANSWER_CHARACTERS } from './lexer';
import { scaleOf } from './numerals';
import { parseAnswer } from './parser';
import { unitName, WORDS } from './vocabulary';

/** Boxes this close belong together: `\boxed{2} and \boxed{3}`. */
const CLOSE = 10;
const CLOSE_WITH_SEPARATOR = 70;
const MAX_BOXES = 20;
/** How many mentions of "answer" are looked at, from the last. */
const MAX_MENTIONS = 20;
const MAX_PHRASE = 200;
/** Without a box the answer is looked for in the end of the response. */
const TAIL = 4000;

interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The answer in a response, as a text for `compareAnswers`; null if there is none. Linear in the length of the response. */
export function extractAnswer(response: string): string | null {
  const boxes = allBoxed(response);
  if (boxes.length) return fromBoxes(response, boxes);
  const whole = response.trim();
  if (whole.length <= MAX_ANSWER_CHARACTERS && isAnswer(whole)) return whole;
  const tail = response.slice(-TAIL);
  return (
    afterMention(tail) ?? lastOf(tail) ?? (whole.length > 0 && whole.length <= MAX_PHRASE ? whole : null)
  );
}

/** The content of the last box, with those before it that belong to the same answer. */
function fromBoxes(text: string, boxes: readonly Box[]): string {
  const last = boxes.at(-1)!;
  const contents = [last.content];
  for (let i = boxes.length - 2; i >= 0 && contents.length < MAX_BOXES; i--) {
    const between = text.slice(boxes[i].end, boxes[i + 1].start);
    const repeated = boxes[i].content === contents[0];
    const separated = between.length < CLOSE_WITH_SEPARATOR && /\b(and|or)\b|[,;]/.test(between) && !repeated;
    if (between.length >= CLOSE && !separated) break;
    if (!repeated) contents.unshift(boxes[i].content);
  }
  return contents.join(', ') + percentAfter(text, last.end);
}

const percentAfter = (text: string, at: number): string =>
  /^[\s$]{0,4}(\\?%|percent|pct)/i.test(text.slice(at, at + 16)) ? ' \\%' : '';

/** Words that only sentences hold. */
const PROSE = new Set('is are the of so we it to for has was that this than then hence thus not'.split(' '));

/** Whether a text holds words, not only formulas, numbers, units and what stands in \text. */
function isProse(text: string): boolean {
  const plain = text.replace(/\\(?:text|mbox|mathrm)[a-z]{0,6}\s?\{[^{}]*\}|\\[a-zA-Z]+/g, ' ');
  let short = 0;
  for (const [word] of plain.matchAll(/[A-Za-z]{2,}/g)) {
    if (WORDS.has(word) || unitName(word)) continue;
    if (word.length > 3 || PROSE.has(word.toLowerCase()) || ++short > 1) return true;
  }
  return false;
}

function isAnswer(text: string): boolean {
  if (text === '' || isProse(text)) return false;
  try {
    parseAnswer(text);
    return true;
  } catch (error) {
    if (error instanceof MathsError) return false;
    throw error;
  }
}

/** What follows "answer is", "answer:" or "answer" on its line. */
function afterMention(text: string): string | null {
  const lower = text.toLowerCase();
  let at = lower.length;
  for (let mention = 0; mention < MAX_MENTIONS && at > 0; mention++) {
    at = lower.lastIndexOf('answer', at - 1);
    if (at < 0) break;
    const rest = text.slice(at + 'answer'.length, at + 6 + 2 * MAX_PHRASE);
    const stated = directlyStated(rest);
    if (stated) return stated;
    const link = /^[^.\n]{0,60}?(?:\bis\b|:|=)(?:\s*\*\*|\s*:)*/.exec(rest);
    const phrase = rest.slice(link?.[0].length ?? 0);
    const formula = formulas(phrase)[0];
    if (formula && formula.start < 60) return formula.text;
    if (!link) continue;
    const [line] = /^\s*[^\n]*/.exec(phrase)!;
    const sentence = line
      .split(/\.\s|\.$/)[0]
      .replace(/\*\*/g, '')
      .trim();
    if (isAnswer(sentence)) return sentence;
    const number = numbers(line)[0];
    if (number) return number.text;
    if (sentence !== '' && sentence.length <= 60) return sentence;
  }
  return null;
}

/** The formula or number right behind an "is": `answer: the largest $n$ is 34`. */
function directlyStated(text: string): string | null {
  const values = [...formulas(text), ...numbers(text)];
  for (const { index, 0: link } of text.matchAll(/\bis:?\s{0,3}/g)) {
    const value = values.find(({ start }) => start === index + link.length);
    if (value) return value.text;
  }
  return null;
}

/** The last formula or number, whichever ends later. */
function lastOf(text: string): string | null {
  const [formula, number] = [formulas(text).at(-1), numbers(text).at(-1)];
  if (formula && (!number || number.end <= formula.end)) return formula.text;
  return number?.text ?? null;
}

const ENVIRONMENTS = [
  ['$$', '$$', true],
  ['\\[', '\\]', true],
  ['\\(', '\\)', false],
  ['$', '$', false],
] as const;

/** Formulas between `$…$`, `$$…$$`, `\(…\)` and `\[…\]`; those joined by "and", "or" or a comma are one. */
function formulas(text: string): Span[] {
  const found: Span[] = [];
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && text[i + 1] === '$') {
      i++;
      continue;
    }
    const environment = ENVIRONMENTS.find(([open]) => text.startsWith(open, i));
    if (!environment) continue;
    const [open, close, manyLines] = environment;
    const start = i + open.length;
    let end = text.indexOf(close, start);
    while (end > 0 && text[end - 1] === '\\' && close === '$') end = text.indexOf(close, end + 1);
    const content = end < 0 ? '' : text.slice(start, end);
    if (content.trim() === '' || (!manyLines && content.includes('\n'))) continue;
    const span = {
      text: content.trim() + percentAfter(text, end + close.length),
      start: i,
      end: end + close.length,
    };
    const last = found.at(-1);
    if (
      last &&
      /^\s*(,?\s*and|,?\s*or|,)?\s*$/.test(text.slice(last.end, i)) &&
      /\S/.test(text.slice(last.end, i))
    )
      found[found.length - 1] = { text: `${last.text}, ${span.text}`, start: last.start, end: span.end };
    else found.push(span);
    i = span.end - 1;
  }
  return found;
}

/** Numbers and arithmetic such as `3/4` or `1,000.5 %` that stand apart from words. */
function numbers(text: string): Span[] {
  const found: Span[] = [];
  const pattern =
    /(?<![^\s=:([*$€£¥])-?\(?(?:\d[\d.]*[ ]?[-+*/^×÷][ ]?[\d.()][\d.()]*|\d{1,3}(?:[, ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d+)?/g;
  for (const match of text.matchAll(pattern)) {
    const end = match.index + match[0].length;
    const [word] = /^[A-Za-z]*/.exec(text.slice(end, end + 20))!;
    // 2x is not 2; 100m2 is 100.
    if (word && !unitName(word)) continue;
    const [, scale] = /^\s{0,2}([A-Za-z]+)/.exec(text.slice(end, end + 20)) ?? [];
    const scaled = scale && scaleOf(scale) !== undefined ? ` \\text{${scale}}` : '';
    const number = match[0]
      .replace(/[.,]+$/, '')
      .replace(/^\((?!.*\))/, '')
      .replace(/^(-?\d{1,3})((?: \d{3})+)/, (all) => all.replaceAll(' ', ''));
    found.push({ text: number + scaled + percentAfter(text, end), start: match.index, end });
  }
  return found;
}
