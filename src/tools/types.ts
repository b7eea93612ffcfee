/** The code interpreters that a policy calls: one interface for all languages, in the page, in a worker and under Node. */

/** `calculator`: exact arithmetic. `javascript`: QuickJS. `python`: CPython (Pyodide) with its standard library. */
export const TOOL_LANGUAGES = ['calculator', 'javascript', 'python'] as const;
export type ToolLanguage = (typeof TOOL_LANGUAGES)[number];

/**
 * How a policy writes a call. `tags`: `<tool> 13 - ( 4 * 2 ) <out> 5 </tool>`, words of the tiny model. `block`:
 * ```` ```python ````, answered by ```` ```output ````, as in the study (arXiv 2503.04548, section 4.4). `tool_call`: Qwen's
 * `<tool_call>` with a JSON object.
 */
export const CALL_FORMATS = ['tags', 'block', 'tool_call'] as const;
export type CallFormatName = (typeof CALL_FORMATS)[number];

/** What one call may use. Beyond it the call ends with an error, and the next call works. */
export interface ToolLimits {
  seconds: number;
  /** MiB of the interpreter's own memory, what it needs to run at all included. */
  memory_mb: number;
  /** Characters of output that are kept: the first and the last half of so many. */
  output_chars: number;
}

/** The limits of the study's authors, who kept memory unbounded. */
export const DEFAULT_LIMITS: ToolLimits = { seconds: 5, memory_mb: 256, output_chars: 400 };

/** The least and the most of each limit. */
export const LIMIT_RANGES = {
  seconds: [0.1, 60],
  memory_mb: [64, 2048],
  output_chars: [40, 100_000],
} as const satisfies Record<keyof ToolLimits, readonly [number, number]>;

/** What code asked for and did not get: more of a limit, or a way out of the sandbox. */
export type Refusal = 'time' | 'memory' | 'output' | 'access';

export interface ToolResult {
  /** What the code printed, cut in the middle to `output_chars`; empty when it was killed. */
  stdout: string;
  /** Why it failed: a traceback, or one line. Null when it ended well. */
  error: string | null;
  /** Wall-clock time of the call, without the time it waited for a worker. */
  ms: number;
  refused?: Refusal;
}

/**
 * Runs pieces of code that know nothing of one another: every call starts from the same state, with the same random
 * numbers and the same clock, so that the same code gives the same result.
 */
export interface Interpreter {
  /**
   * Runs a piece of code; several calls may be under way. Whatever the code does, the result says it.
   * @param signal ends the call
   * @throws ToolError when the interpreter cannot be started or has been closed; the signal's reason when it was aborted
   */
  call(code: string, signal?: AbortSignal): Promise<ToolResult>;
  /** Frees the workers. Calls that are under way reject. */
  close(): void;
}

/** A package of Python that a person adds. */
export interface ToolPackage {
  /** Of its file. */
  file: string;
  /** A zip. */
  bytes: Uint8Array<ArrayBuffer>;
  /** What of it is used: names in the zip, and where each file goes below `site-packages`. */
  files: readonly (readonly [entry: string, place: string])[];
  /** What it gives to import. */
  modules: readonly string[];
}

/**
 * @param workers the most at once; they start when they are first needed
 * @param packages what Python may import besides its standard library
 */
export type OpenInterpreter = (
  language: ToolLanguage,
  limits: ToolLimits,
  workers: number,
  packages?: readonly ToolPackage[],
) => Promise<Interpreter>;

/** The sandbox itself cannot work; what the code does is in `ToolResult` instead. */
export class ToolError extends Error {
  override name = 'ToolError';
}

/** The error of a call that was stopped. */
export const timeoutError = (seconds: number): string =>
  `TimeoutError: the code was stopped after ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`;
