/** What is kept of a run, wherever it is kept: IndexedDB in the browser, a folder under Node. */

export type RunStatus = 'running' | 'paused' | 'stopped' | 'finished' | 'failed';

export interface RunRecord {
  id: string;
  name: string;
  /** The experiment document, complete, as JSON (`lab/schema.ts` reads it back). */
  experiment: unknown;
  status: RunStatus;
  /** Last committed step. */
  step: number;
  createdAt: number;
  updatedAt: number;
  /** Adapter that computed it, e.g. "google swiftshader". */
  adapter: string;
  /** Why it failed, when it did. */
  error?: string;
}

export interface RolloutRecord {
  step: number;
  /** Which set it belongs to: training rollouts, or the watched problems answered greedily at evaluations. */
  kind: 'train' | 'watch';
  problemId: string;
  prompt: string;
  response: string;
  /** Completion length in tokens, end-of-sequence included. */
  length: number;
  finished: boolean;
  reward: number;
  /** Each reward term apart. */
  rewards: Record<string, number>;
  advantage: number;
  correct: boolean;
  /** The checker's sentence. */
  verdict: string;
  equations: { right: number; total: number };
}

/** Everything needed to go on bit for bit: one flat array per kind of state, plus counters. */
export interface Checkpoint {
  step: number;
  /** Named flat arrays: `params`, `adam_m`, `adam_v`. */
  arrays: Record<string, Float32Array>;
  /** Counters: optimiser step, tokens sampled, RNG counts. */
  counters: Record<string, number>;
}

/** One committed step. Either all of it is stored or none of it. */
export interface StepCommit {
  metrics: { step: number; [name: string]: number };
  rollouts?: readonly RolloutRecord[];
  checkpoint?: Checkpoint;
}

export interface RunStore {
  createRun(run: RunRecord): Promise<void>;
  listRuns(): Promise<RunRecord[]>;
  getRun(id: string): Promise<RunRecord | undefined>;
  updateRun(id: string, patch: Partial<Omit<RunRecord, 'id'>>): Promise<void>;
  deleteRun(id: string): Promise<void>;
  /** Atomic; also sets the run's `step` and `updatedAt`. */
  commitStep(id: string, commit: StepCommit): Promise<void>;
  metrics(id: string): Promise<{ step: number; [name: string]: number }[]>;
  /** Rollouts of one step, or of all steps; of one kind or both. */
  rollouts(id: string, filter?: { step?: number; kind?: RolloutRecord['kind'] }): Promise<RolloutRecord[]>;
  /** The newest checkpoint whose hashes verify, or undefined. */
  latestCheckpoint(id: string): Promise<Checkpoint | undefined>;
  /** Drops metrics and rollouts after `step`, before a run continues from a checkpoint. */
  truncateAfter(id: string, step: number): Promise<void>;
}

/** Storage refused or lost something; the message says what happened, what was kept and what to do. */
export class StoreError extends Error {
  override name = 'StoreError';
}
