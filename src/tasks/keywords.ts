/**
 * Signs of reflection in a response, by the three categories of arXiv 2503.04548, from lists kept as data. The tiny
 * model's words are `check` and `wait`; it corrects itself by trying something else after a `no`.
 */
import { findEquations } from './equations';
import lists from './keywords.json';

export type KeywordCategory = 'verification' | 'reflection' | 'correction';

export const KEYWORDS: Readonly<Record<KeywordCategory, readonly string[]>> = lists;

export interface KeywordRange {
  readonly start: number;
  readonly end: number;
  readonly category: KeywordCategory;
}

/** Whole words in any case; the words of a phrase may be joined by white space or a hyphen. */
export function keywordPattern(keywords: readonly string[]): RegExp {
  const alternatives = keywords
    .toSorted((a, b) => b.length - a.length)
    .map((k) => k.replace(/[^\p{L}\p{N} ]/gu, '\\$&').replaceAll(' ', '[\\s-]+'));
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${alternatives.join('|')})(?![\\p{L}\\p{N}_])`, 'giu');
}

const patterns = (Object.keys(KEYWORDS) as KeywordCategory[]).map((category) => ({
  category,
  pattern: keywordPattern(KEYWORDS[category]),
}));

/** Equations joined by commas: one trial. */
function trials(text: string): { text: string; start: number; end: number }[] {
  const found: { text: string; start: number; end: number }[] = [];
  for (const equation of findEquations(text)) {
    const last = found.at(-1);
    if (last && /^\s*,\s*$/.test(text.slice(last.end, equation.start))) {
      last.text += ` , ${equation.text}`;
      last.end = equation.end;
    } else found.push({ text: equation.text, start: equation.start, end: equation.end });
  }
  return found;
}

/** Trials that follow a rejected and different one: `4 + 1 = 5 check 6 no wait 4 + 2 = 6`. */
function correctedTrials(text: string): { start: number; end: number }[] {
  const all = trials(text);
  return all.filter((trial, i) => {
    const before = all[i - 1];
    return (
      before &&
      before.text !== trial.text &&
      /\bno\s+(?:wait\s+)?$/i.test(text.slice(before.end, trial.start))
    );
  });
}

/** Where the keywords and corrections stand, in order: for highlighting. Ends are exclusive. */
export function highlightRanges(text: string): KeywordRange[] {
  const ranges: KeywordRange[] = patterns.flatMap(({ category, pattern }) =>
    [...text.matchAll(pattern)].map((m) => ({ start: m.index, end: m.index + m[0].length, category })),
  );
  for (const { start, end } of correctedTrials(text)) ranges.push({ start, end, category: 'correction' });
  return ranges.sort((a, b) => a.start - b.start);
}

/** Which categories a response shows. Its reflection share counts responses that show any. */
export function keywordCategories(text: string): Record<KeywordCategory, boolean> {
  const shown = new Set(highlightRanges(text).map((r) => r.category));
  return {
    verification: shown.has('verification'),
    reflection: shown.has('reflection'),
    correction: shown.has('correction'),
  };
}
