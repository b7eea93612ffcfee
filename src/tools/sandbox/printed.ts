/** What code in a sandbox prints. */
import { cutMiddle } from '../output';
import type { Refusal } from '../types';
import type { SandboxResult } from './protocol';

/** Code that prints more than this is stopped. */
export const MOST_PRINTED = 1_000_000;

const REFUSALS: readonly (readonly [Refusal, RegExp])[] = [
  ['access', /is not available in the sandbox/],
  ['memory', /^MemoryError|^InternalError: out of memory/],
];

/** Collects bytes of UTF-8 until the end of a call. */
export class Printed {
  private pieces: Uint8Array[] = [];
  private length = 0;

  /** @param limit characters that are kept */
  constructor(private readonly limit: number) {}

  /** @returns whether there was room for all */
  write(bytes: Uint8Array): boolean {
    const room = MOST_PRINTED - this.length;
    const piece = bytes.slice(0, room);
    this.pieces.push(piece);
    this.length += piece.length;
    return bytes.length <= room;
  }

  /** The result of the call, and an empty record for the next. */
  end(error: string | null): SandboxResult {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    const full = this.length >= MOST_PRINTED;
    this.pieces = [];
    this.length = 0;
    const stdout = cutMiddle(new TextDecoder().decode(all), this.limit);
    if (full)
      return { stdout, error: `The code printed more than ${MOST_PRINTED} characters.`, refused: 'output' };
    const last = error?.trimEnd().split('\n').at(-1) ?? '';
    const refused = REFUSALS.find(([, pattern]) => pattern.test(last))?.[0];
    return { stdout, error, ...(refused && { refused }) };
  }
}
