/** What is kept of a run, wherever it is kept: IndexedDB in the browser, a folder under Node. */

/** `queued`: stored to be computed later, nothing of it is yet. */
export type RunStatus = 'queued' | 'running' | 'paused' | 'stopped' | 'finished' | 'failed';

/** A run's place in a comparison. */
export interface Membership {
  /** Of the comparison: all runs that share it lie side by side. */
  id: string;
  /** What the comparison is called in the catalogue. */
  name: string;
  arm: string;
}

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
  /** Adapter that computed it, e.g. "google swiftshader"; empty while it is queued. */
  adapter: string;
  /** The comparisons it belongs to; an equal run is computed once and shared. */
  comparisons?: Membership[];
  /** Curves of another run, drawn behind its own: of whoever shared the experiment, or of the run it was forked from. */
  reference?: MetricsRecord[];
  /** The run and the step that it was forked from. */
  parent?: { run: string; step: number };
  /** Beside the last two checkpoints and the best, one of every so many steps is kept for good; none when 0 or absent. */
  keepEvery?: number;
  /** Why it failed, when it did. */
  error?: string;
}

/** What can be changed by hand. The step moves only with what is stored: by `commitStep` and `truncateAfter`. */
export type RunPatch = Partial<Omit<RunRecord, 'id' | 'step'>>;

/** One step's line of numbers; NaN and ±∞ are kept, for a diverging run has them. */
export interface MetricsRecord {
  step: number;
  [name: string]: number;
}

export interface RolloutRecord {
  step: number;
  /** Which set it belongs to: training rollouts, or the watched problems answered greedily at evaluations. */
  kind: 'train' | 'watch';
  problemId: string;
  prompt: string;
  response: string;
  /** The gold answer; runs that were stored without it have none. */
  answer?: string;
  /** Completion length in tokens, end-of-sequence included; without the results of calls. */
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
  /** Calls of the interpreter, where there is one. */
  calls?: readonly CallRecord[];
  /** Tokens that their results take up in the response. */
  toolTokens?: number;
}

/** One call of the interpreter. */
export interface CallRecord {
  code: string;
  /** What the model was shown; null when nothing was run. */
  output: string | null;
  failed: boolean;
  timedOut: boolean;
  /** Milliseconds in the interpreter. */
  ms: number;
}

export interface RolloutFilter {
  step?: number;
  kind?: RolloutRecord['kind'];
}

/** Everything needed to go on bit for bit: one flat array per kind of state, plus counters. */
export interface Checkpoint {
  step: number;
  /** Named flat arrays: `params`, `adam_m`, `adam_v`. */
  arrays: Record<string, Float32Array>;
  /** Counters: optimiser step, tokens sampled, RNG counts. Finite. */
  counters: Record<string, number>;
}

/** What is known of a stored checkpoint without reading its arrays. */
export interface CheckpointInfo {
  step: number;
  bytes: number;
  /** Greedy accuracy at its step, where it was measured. */
  score?: number;
}

/** Bytes that a run takes, about: what the browser adds for itself is not known. */
export interface RunUsage {
  metrics: number;
  rollouts: number;
  checkpoints: number;
}

export interface LoadedCheckpoint extends Checkpoint {
  /** Set when a newer checkpoint could not be used: what is wrong with it, and which one this is. */
  warning?: string;
}

/** A checkpoint that stays where it is stored: its arrays are read in parts, each held to its hash. */
export interface StoredCheckpoint extends Omit<LoadedCheckpoint, 'arrays'> {
  /** How many values each array has. */
  lengths: Readonly<Record<string, number>>;
  /** The values of an array from `begin` to before `end`. Rejects with StoreError when they are no longer what was stored. */
  read(name: string, begin: number, end: number): Promise<Float32Array>;
}

/** One committed step. Either all of it is stored or none of it. */
export interface StepCommit {
  metrics: MetricsRecord;
  /** Of the same step as the metrics. */
  rollouts?: readonly RolloutRecord[];
  /** Of the same step as the metrics. Its arrays must not change until the commit has settled. */
  checkpoint?: Checkpoint;
}

/**
 * Methods reject with `StoreError`. Reading a run that is not there gives nothing (`undefined`, `[]`); writing to one is an
 * error; deleting one is not.
 */
export interface RunStore {
  /** Atomic, with the first step where one is given. Rejects when the id is taken. */
  createRun(run: RunRecord, first?: StepCommit): Promise<void>;
  /** Newest first. */
  listRuns(): Promise<RunRecord[]>;
  getRun(id: string): Promise<RunRecord | undefined>;
  /** Also sets `updatedAt`, unless the patch does. */
  updateRun(id: string, patch: RunPatch): Promise<void>;
  /** Removes the run and everything that belongs to it. */
  deleteRun(id: string): Promise<void>;
  /**
   * Atomic; also sets the run's `step` and `updatedAt`. Steps are committed in order: a step before the run's is refused.
   * Committing the run's last step again replaces its metrics and adds its rollouts and checkpoint.
   * Of the checkpoints those of `retained` stay.
   */
  commitStep(id: string, commit: StepCommit): Promise<void>;
  /** Stores the checkpoint of a step that was committed without one, or whose own is damaged. Atomic. */
  keepCheckpoint(id: string, checkpoint: Checkpoint): Promise<void>;
  /** In the order of steps. */
  metrics(id: string): Promise<MetricsRecord[]>;
  /** Rollouts of one step, or of all steps; of one kind or both. By step, then `train` before `watch`, then as committed. */
  rollouts(id: string, filter?: RolloutFilter): Promise<RolloutRecord[]>;
  /**
   * The newest checkpoint whose hashes verify; undefined when none was stored.
   * Rejects when there are checkpoints and none can be used.
   */
  latestCheckpoint(id: string): Promise<LoadedCheckpoint | undefined>;
  /** As `latestCheckpoint`, without its arrays in memory. Those of `arrays` that it has verify; nothing is known of the others. */
  openCheckpoint(id: string, arrays: readonly string[]): Promise<StoredCheckpoint | undefined>;
  /** Ascending, each step once. */
  checkpoints(id: string): Promise<CheckpointInfo[]>;
  /** The checkpoint of a step, verified; undefined when there is none. Rejects when it is damaged. */
  checkpointAt(id: string, step: number): Promise<Checkpoint | undefined>;
  /** Removes all checkpoints but those of these steps and the newest. Atomic. */
  pruneCheckpoints(id: string, keep: readonly number[]): Promise<void>;
  usage(id: string): Promise<RunUsage>;
  /** Drops metrics, rollouts and checkpoints after `step`. Atomic. */
  truncateAfter(id: string, step: number): Promise<void>;
}

/** Storage refused or lost something; the message says what happened, what was kept and what to do. */
export class StoreError extends Error {
  override name = 'StoreError';
}
