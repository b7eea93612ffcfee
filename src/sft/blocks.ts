/** Calls in plain text: a ```` ```python ```` block and, right after it, its ```` ```output ```` block. */
import { OPENING } from '../rl/tools/block';
import { blockLanguage } from '../rl/tools/format';
import { DemonstrationError } from './error';
import type { AnswerPart, ImportedCall } from './parts';

/** A call whose result is not there yet. */
export type OpenCall = Omit<ImportedCall, 'output'>;

export interface AnswerText {
  parts: AnswerPart[];
  /** What follows the last result. */
  rest: string;
  /** When the rest ends with a block of an interpreter: what is before it, and its code. */
  ending?: { before: string; call: OpenCall };
}

interface Block {
  /** The word after the fence, in lower case. */
  name: string;
  body: string;
  start: number;
  /** After the closing fence. */
  end: number;
}

const CLOSING = /^ {0,3}```/;

/**
 * Finds blocks as they are found in what a policy writes.
 * @throws DemonstrationError for an output that belongs to no call
 */
export function readText(text: string): AnswerText {
  const blocks = blocksOf(text);
  const parts: AnswerPart[] = [];
  let at = 0;
  blocks.forEach((block, i) => {
    if (block.name !== 'output') return;
    const call = i > 0 ? blocks[i - 1] : undefined;
    const language = call && blockLanguage(call.name);
    if (!language || text.slice(call.end, block.start).trim() !== '')
      throw new DemonstrationError(
        'an ```output block stands right after no block of calculator, javascript or python',
      );
    const before = beforeCall(text.slice(at, call.start));
    if (before !== '') parts.push(before);
    parts.push({ language, code: call.body, output: block.body });
    at = block.end;
  });
  const rest = at === 0 ? text : text.slice(at).replace(/^[^\S\n]*\n/, '');
  const last = blocks.at(-1);
  const language = last && last.start >= at ? blockLanguage(last.name) : undefined;
  if (!last || !language || text.slice(last.end).trim() !== '') return { parts, rest };
  const before = beforeCall(rest.slice(0, rest.length - (text.length - last.start)));
  return { parts, rest, ending: { before, call: { language, code: last.body } } };
}

/** What an output block holds when it is all of a text; else the text. */
export function outputOf(text: string): string {
  const blocks = blocksOf(text.trim());
  const [block] = blocks;
  const isAll = blocks.length === 1 && block.start === 0 && block.end === text.trim().length;
  return isAll && block.name === 'output' ? block.body : text;
}

/** A call begins with the end of the line before it. */
const beforeCall = (text: string): string => text.replace(/\n$/, '');

/** Blocks that are closed, in order. @throws DemonstrationError when an output is not */
function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  let open: { name: string; start: number; body: number } | undefined;
  for (const line of text.split(/(?<=\n)/)) {
    const bare = line.replace(/\n$/, '');
    const closing = open && CLOSING.exec(bare);
    if (open && closing) {
      const { name, start, body } = open;
      const end = at + closing[0].length;
      blocks.push({ name, body: text.slice(body, at).replace(/\n$/, ''), start, end });
      open = undefined;
    } else if (!open) {
      const opening = OPENING.exec(bare);
      if (opening) open = { name: opening[1].toLowerCase(), start: at, body: at + line.length };
    }
    at += line.length;
  }
  if (open?.name === 'output') throw new DemonstrationError('an ```output block is not closed');
  return blocks;
}
