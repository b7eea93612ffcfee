import type { QuickJSContext, QuickJSHandle } from 'quickjs-emscripten-core';

export const LONGEST_MESSAGE = 300;

/** What was thrown, and where, in one line. */
export function messageOf(vm: QuickJSContext, thrown: QuickJSHandle): string {
  const error: unknown = vm.dump(thrown);
  const { name, message, stack } = (error ?? {}) as Record<string, unknown>;
  const line = typeof stack === 'string' ? /\.js:(\d+)/.exec(stack)?.[1] : undefined;
  const text =
    typeof name === 'string' && typeof message === 'string'
      ? `${name}: ${message}`
      : `${JSON.stringify(error)} was thrown`;
  return `${text.slice(0, LONGEST_MESSAGE)}${line ? ` (line ${line})` : ''}`;
}
