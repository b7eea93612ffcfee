/**
 * The content of the last `\boxed{…}` in a text, trimmed, braces inside it balanced; or why there is none.
 * Linear in the length of the text.
 */
export function lastBoxed(text: string): { content: string } | { content: null; reason: string } {
  const opening = '\\boxed{';
  const at = text.lastIndexOf(opening);
  if (at < 0) return { content: null, reason: 'There is no \\boxed{} in the response' };
  const start = at + opening.length;
  let depth = 1;
  for (let i = start; i < text.length; i++) {
    if (text[i] === '{') depth++;
    else if (text[i] === '}' && --depth === 0) return { content: text.slice(start, i).trim() };
  }
  return { content: null, reason: 'The last \\boxed{ is not closed' };
}
