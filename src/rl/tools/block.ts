/** Calls as fenced blocks of code, found while they are being written. */
import type { Tokenizer } from '../../tokenizer/tokenizer';
import type { CallParser, WrittenCall } from './format';

/** An opening line: at most three spaces, the fence, the language and whatever follows it, but no backtick. */
export const OPENING = /^ {0,3}```\s*([^\s`]*)[^`]*$/;
const CLOSING = /^ {0,3}```$/;
/** No opening line is longer. */
const LONGEST_LINE = 200;

interface Block {
  isCall: boolean;
  /** The tokens since the one in which the block's first line begins, after so many of its characters. */
  ids: number[];
  skipped: number;
}

export class BlockParser implements CallParser {
  /** The line so far. */
  private line = '';
  private block?: Block;
  /** On the rest of a closing line. */
  private closed = false;

  /** @param names of the languages whose blocks are calls, in lower case */
  constructor(
    private readonly tokenizer: Tokenizer,
    private readonly names: readonly string[],
  ) {}

  push(id: number): WrittenCall | undefined {
    let call: WrittenCall | undefined;
    const piece = this.tokenizer.decode([id]);
    this.block?.ids.push(id);
    for (let i = 0; i < piece.length; i++) {
      if (piece[i] === '\n') {
        this.endLine(id, i + 1);
        continue;
      }
      if (this.line.length < LONGEST_LINE) this.line += piece[i];
      if (this.block && CLOSING.test(this.line)) call ??= this.close(this.block, piece.length - i - 1);
    }
    return call;
  }

  private endLine(id: number, skipped: number): void {
    const opening = this.block || this.closed ? null : OPENING.exec(this.line);
    if (opening) {
      const isCall = this.names.includes(opening[1].toLowerCase());
      this.block = { isCall, ids: [id], skipped };
    }
    this.line = '';
    this.closed = false;
  }

  /** @param after characters of the last token that follow the fence */
  private close({ isCall, ids, skipped }: Block, after: number): WrittenCall | undefined {
    this.block = undefined;
    this.closed = true;
    if (!isCall) return undefined;
    // Decoded at once: a character may be spread over several tokens.
    const text = this.tokenizer.decode(ids);
    const code = text.slice(skipped, text.length - after - '```'.length);
    return { code: code.replace(/\n? {0,3}$/, '') };
  }
}
