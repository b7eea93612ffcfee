/** What a prefill computes and what it copies, so that no keys and values are computed that some cache holds already. */

/** The first `length` of some tokens: a prompt without its last one, or a part of a sequence. */
export interface Prefix {
  tokens: ArrayLike<number>;
  length: number;
}

/** A cache that is to hold the keys and values of a prefix. */
export interface Fill {
  slot: number;
  prefix: Prefix;
}

/** All copies, then all rows. A row needs the keys and values of the positions before its own. */
export interface Wave {
  /** Of the first `length` positions. No cache is both copied from and to. */
  copies: { from: number; to: number; length: number }[];
  /** Tokens to compute, a cache's in the order of their positions. */
  rows: { slot: number; position: number; token: number }[];
}

/** Tokens that two prefixes begin with alike. Quick for the prompts of a group, which are one array. */
function common(a: Prefix, b: Prefix): number {
  const length = Math.min(a.length, b.length);
  if (a.tokens === b.tokens) return length;
  let i = 0;
  while (i < length && a.tokens[i] === b.tokens[i]) i++;
  return i;
}

/**
 * Plans fills of different slots. The first of a group computes its prompt and the others copy it; a beginning that
 * several prompts share, such as a template's, is computed once.
 * @param held of each slot what its cache holds; is set to what it holds after the fills
 */
export function planPrefill(fills: readonly Fill[], held: Prefix[]): Wave[] {
  const waves: Wave[] = [];
  const toFill = new Set(fills.map(({ slot }) => slot));
  const donors = new Set([...held.keys()].filter((slot) => !toFill.has(slot)));
  let pending = fills;
  while (pending.length) {
    const wave: Wave = { copies: [], rows: [] };
    const joined: Fill[] = [];
    const waiting: Fill[] = [];
    for (const fill of pending) {
      const { slot, prefix } = fill;
      let from = slot;
      let length = common(prefix, held[slot]);
      for (const donor of donors) {
        const shared = common(prefix, held[donor]);
        if (shared > length) [from, length] = [donor, shared];
      }
      // More can be copied once another fill of this wave is done.
      if (joined.some((other) => common(prefix, other.prefix) > length)) {
        waiting.push(fill);
        continue;
      }
      joined.push(fill);
      if (from !== slot) wave.copies.push({ from, to: slot, length });
      for (let position = length; position < prefix.length; position++)
        wave.rows.push({ slot, position, token: prefix.tokens[position] });
    }
    for (const { slot, prefix } of joined) {
      held[slot] = prefix;
      donors.add(slot);
    }
    if (wave.copies.length || wave.rows.length) waves.push(wave);
    pending = waiting;
  }
  return waves;
}
