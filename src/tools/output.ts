/** What a model is shown of a call. */
import type { ToolResult } from './types';

/** The first and the last half of `limit` characters, with dots between, of a text that is longer. */
export function cutMiddle(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const half = Math.floor(limit / 2);
  return `${text.slice(0, half)}...${text.slice(text.length - half)}`;
}

/**
 * What the study's model sees of a call (arXiv 2503.04548, section 4.4): what was printed, then of an error its last line
 * alone, and of that the first and the last half of `limit` characters.
 */
export function toolOutput({ stdout, error }: ToolResult, limit = 400): string {
  const lastLine = error?.trimEnd().split('\n').at(-1) ?? '';
  return cutMiddle([stdout.trimEnd(), lastLine].filter(Boolean).join('\n'), limit);
}
