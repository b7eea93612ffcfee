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

/** Longer formulas, and more of them in one text, stay as they are written: typesetting takes time. */
export const MAX_FORMULA = 1000;
export const MAX_FORMULAS = 100;

/** Where a pair of delimiters ends, and what lies between. */
type Inside = readonly [from: number, to: number, end: number];

const OPENINGS = /\\boxed\s{0,2}\{|\$\$?|\\[[(]/g;

/** The formulas of a text, in order, none within another. Linear in the length of the text. */
export function mathsParts(text: string): MathsPart[] {
  const parts: MathsPart[] = [];
  const openings = new RegExp(OPENINGS);
  for (let found; parts.length < MAX_FORMULAS && (found = openings.exec(text));) {
    const [opening] = found;
    const start = found.index;
    const inside = isEscaped(text, start) ? undefined : insideOf(text, opening, start + opening.length);
    if (!inside) continue;
    const [from, to, end] = inside;
    const tex = text.slice(from, to).trim();
    if (tex === '') continue;
    const boxed = opening.startsWith('\\boxed');
    parts.push({ start, end, tex, boxed, display: opening === '$$' || opening === '\\[' });
    openings.lastIndex = end;
  }
  return parts;
}

/** With definitions a short formula can grow without end. */
const DEFINES =
  /\\(?:[egx]?def|let|futurelet|(?:re)?newcommand|providecommand|global|long|expandafter|noexpand)(?![a-zA-Z])/;

/** How a formula is shown: as plain characters, set by KaTeX, or as it is written. */
export function mannerOf(tex: string): 'plain' | 'set' | 'written' {
  if (DEFINES.test(tex)) return 'written';
  return /\\[a-zA-Z,;:!%{}\\]|[\^_]/.test(tex) ? 'set' : 'plain';
}

function insideOf(text: string, opening: string, from: number): Inside | undefined {
  const near = text.slice(from, from + MAX_FORMULA + 2);
  if (opening === '$') return dollars(near, from, text);
  if (opening.startsWith('\\boxed')) {
    const length = closingBrace(near);
    return length === undefined ? undefined : [from, from + length, from + length + 1];
  }
  const closing = { $$: '$$', '\\[': '\\]', '\\(': '\\)' }[opening] ?? opening;
  const length = near.indexOf(closing);
  return length < 0 ? undefined : [from, from + length, from + length + closing.length];
}

/** As in Pandoc, so that sums of money stay: no space inside the dollar signs, no digit after them, one paragraph. */
function dollars(near: string, from: number, text: string): Inside | undefined {
  if (/^\s/.test(near)) return undefined;
  for (let at = near.indexOf('$'); at >= 0; at = near.indexOf('$', at + 1)) {
    if (near[at - 1] === '\\') continue;
    const inside = near.slice(0, at);
    const closes = at > 0 && !/\s$/.test(inside) && !/\d/.test(text[from + at + 1] ?? '');
    return closes && !inside.includes('\n\n') ? [from, from + at, from + at + 1] : undefined;
  }
  return undefined;
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
