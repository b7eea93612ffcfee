/** Which responses of a group are learnt from (arXiv 2503.04548, section 4.2). */

export type Selection = 'none' | 'QS' | 'RS';

export interface Selectable {
  correct: boolean;
  /** Tokens. */
  length: number;
}

/**
 * QS keeps the groups whose right responses are longer than their wrong ones on average. RS keeps of each group its longest
 * right and its shortest wrong response, when the right one is longer. Groups without both kinds teach neither.
 * @param groups indices into `responses`
 */
export function select(
  selection: Selection,
  responses: readonly Selectable[],
  groups: readonly (readonly number[])[],
): (readonly number[])[] {
  if (selection === 'none') return [...groups];
  return groups.flatMap((group) => {
    const right = group.filter((i) => responses[i].correct);
    const wrong = group.filter((i) => !responses[i].correct);
    if (right.length === 0 || wrong.length === 0) return [];
    const length = (i: number) => responses[i].length;
    if (selection === 'QS') {
      const mean = (of: number[]) => of.reduce((sum, i) => sum + length(i), 0) / of.length;
      return mean(right) > mean(wrong) ? [group] : [];
    }
    const longest = right.reduce((a, b) => (length(b) > length(a) ? b : a));
    const shortest = wrong.reduce((a, b) => (length(b) < length(a) ? b : a));
    return length(longest) > length(shortest) ? [[longest, shortest]] : [];
  });
}
