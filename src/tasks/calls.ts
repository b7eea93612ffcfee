/** Where a demonstration would call a calculator instead of working something out itself. */
import type { GeneratedTask, Problem } from './types';

/** An expression of numbers, + - * and parentheses, or two of them with `=` between: are they equal? */
export interface Call {
  readonly call: string;
}

/** Text, and calls in place of what the calculator does. */
export type Part = string | Call;

/** Cuts a text at what `pattern` finds and puts calls there. */
export function replaceByCalls(
  text: string,
  pattern: RegExp,
  callOf: (match: RegExpExecArray) => string,
): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(at, match.index).trim(), { call: callOf(match) });
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at).trim()].filter((part) => part !== '');
}

/** A demonstration with calls, as its task makes them; or one for every equation in it. */
export const demonstrationParts = <P extends Problem>(task: GeneratedTask<P>, text: string): Part[] =>
  task.calls?.(text) ?? replaceByCalls(text, /(\d+ [-+*] \d+) = \d+/g, ([, expression]) => expression);
