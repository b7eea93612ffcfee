/** How the LM head goes through a large vocabulary: in parts, so that [tokens, vocab] never exists. */
import type { ModelConfig } from './config';
import type { BlockRange } from './parameter-array';

/** Largest vocabulary whose logits are made at once. */
const ONE_PART = 8192;
/** Ids of a part, at most. */
const LARGEST_PART = 16384;
/** A part begins where a binding may: at a multiple of 256 bytes. */
const STEP = 64;

/** Whether the logits of one token are made at once, by the kernels that give a token to a thread. */
export const isOnePart = ({ vocabSize }: ModelConfig, head: readonly { rows: number }[]): boolean =>
  head.length === 1 && vocabSize <= ONE_PART;

/** Ids in the widest part of `head`. */
export const widestPart = (head: readonly { rows: number }[]): number =>
  Math.max(...head.map(({ rows }) => partRows(rows)));

/** How many parts there are of `head`. */
export const partCount = (head: readonly { rows: number }[]): number =>
  head.reduce((sum, { rows }) => sum + Math.ceil(rows / partRows(rows)), 0);

/** The LM head in parts of nearly equal size. */
export function vocabularyParts(head: readonly BlockRange[]): BlockRange[] {
  return head.flatMap(({ binding, type, first, rows }) => {
    const each = partRows(rows);
    const rowBytes = binding.size / rows;
    return Array.from({ length: Math.ceil(rows / each) }, (_, i): BlockRange => {
      const begin = i * each;
      const count = Math.min(each, rows - begin);
      return {
        binding: {
          buffer: binding.buffer,
          offset: binding.offset + begin * rowBytes,
          size: count * rowBytes,
        },
        type,
        first: first + begin,
        rows: count,
      };
    });
  });
}

const partRows = (rows: number): number =>
  rows <= STEP ? rows : Math.ceil(rows / Math.ceil(rows / LARGEST_PART) / STEP) * STEP;
