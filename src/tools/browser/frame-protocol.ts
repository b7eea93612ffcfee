/** What the page and the frame of the sandboxes say to one another. Calls do not pass here: each worker has its own line. */
import type { ToolLimits, ToolPackage } from '../types';

/** What makes a sandbox of one language. */
export interface FrameFiles {
  /** See `sandbox/bundle.mjs`. */
  script: string;
  wasm: ArrayBuffer;
  /** Python's standard library. */
  library?: Uint8Array<ArrayBuffer>;
  packages?: readonly ToolPackage[];
}

export type ToFrame =
  | ({ type: 'files'; limits: ToolLimits } & FrameFiles)
  /** Comes with the worker's end of a channel, on which it takes code and gives results. */
  | { type: 'spawn'; id: number }
  | { type: 'kill'; id: number };

export type FromFrame =
  | { type: 'started'; id: number }
  | { type: 'failed'; id: number; message: string }
  | { type: 'dead'; id: number };
