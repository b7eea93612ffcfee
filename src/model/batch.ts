/** Sequences laid end to end, as the training pass takes them. */
import { NO_TARGET } from '../gpu/kernels/loss';

export interface TokenBatch {
  tokens: number;
  /** [tokens] */
  ids: Uint32Array;
  /** Position of each token in its sequence, [tokens]. */
  positions: Uint32Array;
  /** Begin and end of the sequence of each token, [tokens, 2]. */
  segments: Uint32Array;
  /** The id to predict after each token, or NO_TARGET, [tokens]. */
  targets: Uint32Array;
}

export interface TrainingSequence {
  ids: ArrayLike<number>;
  /** Predictions of the first so many tokens carry no loss. */
  promptLength: number;
}

/** Packs sequences; the last token of each predicts nothing. */
export function packSequences(sequences: readonly TrainingSequence[]): TokenBatch {
  const tokens = sequences.reduce((sum, s) => sum + s.ids.length, 0);
  const batch = emptyBatch(tokens);
  let begin = 0;
  for (const { ids, promptLength } of sequences) {
    const end = begin + ids.length;
    batch.ids.set(ids, begin);
    for (let i = 0; i < ids.length; i++) {
      const t = begin + i;
      batch.positions[t] = i;
      batch.segments[2 * t] = begin;
      batch.segments[2 * t + 1] = end;
      if (i + 1 >= promptLength && i + 1 < ids.length) batch.targets[t] = ids[i + 1];
    }
    begin = end;
  }
  return batch;
}

/** A batch of `tokens` zeros without targets, to be filled. */
export function emptyBatch(tokens: number): TokenBatch {
  return {
    tokens,
    ids: new Uint32Array(tokens),
    positions: new Uint32Array(tokens),
    segments: new Uint32Array(2 * tokens),
    targets: new Uint32Array(tokens).fill(NO_TARGET),
  };
}
