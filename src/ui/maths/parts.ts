/** Where in a text there is maths: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and `\boxed{…}`. */

export interface MathsPart {
  /** Where it stands with its delimiters, `text.slice(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** LaTeX, delimiters removed; of a box, what it holds. */
  readonly tex: string;
  /** On a line of its own. */
  readonly display: boolean;
  readonly boxed: boolean;
}

/** Longer formulas, and those after so many characters of them in one text, stay as written: typesetting takes time. */
export const MAX_FORMULA = 1000;
export const MAX_FORMULAS = 5000;
/** Cells of a table. */
const MAX_CELLS = 100;

/** Where a formula is, and where its closing delimiter ends. */
type Inside = readonly [from: number, to: number, end: number];
type Finder = (what: string, from: number) => number;

const OPENINGS = /\\boxed\s{0,2}\{|\$\$?|\\[[(]/g;

/** The formulas of a text, in order, none within another. Linear in the length of the text. */
export function mathsParts(text: string): MathsPart[] {
  const parts: MathsPart[] = [];
  const openings = new RegExp(OPENINGS);
  const next = finder(text);
  let total = 0;
  for (let found; (found = openings.exec(text));) {
    const [opening] = found;
    const start = found.index;
    const inside = isEscaped(text, start) ? undefined : insideOf(text, opening, start + opening.length, next);
    if (!inside || inside[1] - inside[0] > MAX_FORMULA) continue;
    const [from, to, end] = inside;
    const tex = text.slice(from, to).trim();
    if (tex === '') continue;
    total += end - start;
    if (total > MAX_FORMULAS) break;
    const boxed = opening.startsWith('\\boxed');
    parts.push({ start, end, tex, boxed, display: opening === '$$' || opening === '\\[' });
    openings.lastIndex = end;
  }
  return parts;
}

/** `indexOf` for positions that ascend: all searches together go through the text once. */
function finder(text: string): Finder {
  const found = new Map<string, number>();
  return (what, from) => {
    let at = found.get(what) ?? -1;
    if (at < from) found.set(what, (at = text.indexOf(what, from) >>> 0));
    return at;
  };
}

/** With definitions a short formula can grow without end. */
const DEFINES =
  /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|global|long|expandafter|noexpand)(?![a-zA-Z])/;

/** How a formula is shown: as plain characters, set by KaTeX, or as it is written. */
export function mannerOf(tex: string): 'plain' | 'set' | 'written' {
  if (DEFINES.test(tex) || (tex.match(/&|\\\\/g)?.length ?? 0) > MAX_CELLS) return 'written';
  return /\\[a-zA-Z,;:!%{}\\]|[\^_]/.test(tex) ? 'set' : 'plain';
}

function insideOf(text: string, opening: string, from: number, next: Finder): Inside | undefined {
  if (opening === '$') return dollars(text, from, next);
  if (opening.startsWith('\\boxed')) {
    const length = closingBrace(text.slice(from, from + MAX_FORMULA + 1));
    return length === undefined ? undefined : [from, from + length, from + length + 1];
  }
  const closing = { $$: '$$', '\\[': '\\]', '\\(': '\\)' }[opening] ?? opening;
  const to = next(closing, from);
  return [from, to, to + closing.length];
}

/** As in Pandoc, so that sums of money stay: no space inside the dollar signs, no digit after them, one paragraph. */
function dollars(text: string, from: number, next: Finder): Inside | undefined {
  let to = next('$', from);
  while (text[to - 1] === '\\') to = next('$', to + 1);
  if (to - from > MAX_FORMULA) return undefined;
  const inside = text.slice(from, to);
  const closes = /^\S(?:[^]*\S)?$/.test(inside) && !/\d/.test(text[to + 1] ?? '') && !inside.includes('\n\n');
  return closes ? [from, to, to + 1] : undefined;
}

/** Where the brace closes that was opened before the text; undefined when it does not. */
function closingBrace(text: string): number | undefined {
  let depth = 1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return i;
  }
  return undefined;
}

/** `\$` is a dollar sign, and `\\(` a new line before a bracket. */
function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (slashes < 8 && text[at - 1 - slashes] === '\\') slashes++;
  return slashes % 2 === 1;
}
