/** What passes between a sandbox and the pool that owns it. */
import type { Refusal, ToolLimits, ToolPackage } from '../types';

/** What the interpreter needs and cannot fetch. */
export interface SandboxFiles {
  wasm: WebAssembly.Module;
  /** Python's standard library, a ZIP. */
  library?: Uint8Array<ArrayBuffer>;
  packages?: readonly ToolPackage[];
  /** The memory of an interpreter that has started: with it the next one starts several times faster. */
  snapshot?: Uint8Array<ArrayBuffer>;
}

export interface SandboxStart {
  files: SandboxFiles;
  limits: ToolLimits;
}

export interface Started {
  /** When the files held none and the interpreter can give one. */
  snapshot?: Uint8Array<ArrayBuffer>;
}

/** A result without its time, which is measured outside. */
export interface SandboxResult {
  stdout: string;
  error: string | null;
  refused?: Refusal;
  /** The state could not be put back: this sandbox must not be used again. */
  worn?: true;
}

/** What a sandbox script gives. */
export interface Sandbox {
  start(start: SandboxStart): Promise<Started>;
  /** Runs to the end; whoever wants an end sooner kills the worker. @returns a `SandboxResult` as JSON */
  call(code: string): string;
}

/** Messages to and from a sandbox in a worker. */
export type ToSandbox = { type: 'start'; start: SandboxStart } | { type: 'call'; code: string };
export type FromSandbox =
  ({ type: 'started' } & Started) | { type: 'failed'; message: string } | { type: 'result'; json: string };

/** A `SandboxResult` out of text that hostile code may have written; undefined when it is none. */
export function readResult(json: unknown): SandboxResult | undefined {
  if (typeof json !== 'string') return undefined;
  try {
    const { stdout, error, refused, worn } = JSON.parse(json) as Record<string, unknown>;
    if (typeof stdout !== 'string' || !(error === null || typeof error === 'string')) return undefined;
    return {
      stdout,
      error,
      ...(isRefusal(refused) && { refused }),
      ...(worn === true && { worn }),
    };
  } catch {
    return undefined;
  }
}

const isRefusal = (value: unknown): value is Refusal =>
  value === 'time' || value === 'memory' || value === 'output' || value === 'access';
