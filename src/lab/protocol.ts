/**
 * Everything that crosses the border between the page and the engine's worker. The page calls `LabApi` through comlink
 * and receives `LabEvent`s; nothing else passes.
 */
import type { RewardInput } from '../rl/reward';
import type { RolloutRecord, RunStatus } from '../store/types';
import type { Experiment } from './schema';
import type { StepMetrics } from './metrics';

/** Name of the Web Lock that the worker which computes a run holds, before the run's id. */
export const RUN_LOCK = 'run ';

export interface AdapterReport {
  vendor: string;
  architecture: string;
  description: string;
  features: string[];
  limits: Record<string, number>;
}

/** Why there is no engine: `no-webgpu` (browser lacks the API), `no-adapter` (API without a usable GPU), `failed`. */
export type EngineStatus =
  | { state: 'ready'; adapter: AdapterReport }
  | { state: 'unavailable'; reason: 'no-webgpu' | 'no-adapter' | 'failed'; message: string };

export interface KernelCheck {
  kernel: string;
  passed: boolean;
  /** Largest relative error against the float64 reference, and what is allowed. */
  error: number;
  tolerance: number;
  message?: string;
}

/** What a reward function made of one response. */
export interface RewardTrial {
  /** 0 where it failed. */
  value: number;
  error: string | null;
  milliseconds: number;
}

export type LabEvent =
  | {
      type: 'run-status';
      runId: string;
      status: RunStatus;
      step: number;
      maxSteps: number;
      error?: string;
      /** It failed because nothing could be stored: the next run would, too. */
      cannotStore?: boolean;
    }
  /** What the engine is doing inside a step, for the progress line; `done` of `total` in that phase. */
  | {
      type: 'progress';
      runId: string;
      step: number;
      phase: 'loading' | 'filtering' | 'evaluating' | 'sampling' | 'updating' | 'saving';
      done: number;
      total: number;
    }
  | { type: 'step'; runId: string; metrics: StepMetrics }
  | { type: 'rollouts'; runId: string; rollouts: RolloutRecord[] }
  /** Steps after this one were stored and are no longer. */
  | { type: 'truncated'; runId: string; step: number }
  /** Something the person has to know; the run goes on. */
  | { type: 'note'; runId: string; message: string };

export interface LabApi {
  /** Opens the adapter (once) and says what it found. */
  engine(): Promise<EngineStatus>;
  /** Runs every kernel against the CPU reference on this device. */
  doctor(): Promise<KernelCheck[]>;
  /** Tries a person's reward function on responses, each by itself. Rejects when its code cannot be used. */
  testReward(code: string, inputs: readonly RewardInput[]): Promise<RewardTrial[]>;
  /** Creates a run, starts it and returns its id. Rejects when a run is active or the experiment is invalid. */
  start(experiment: Experiment): Promise<string>;
  /**
   * Continues a stored run from its last checkpoint; a queued one begins. Steps stored after the checkpoint are computed
   * again and held to what is stored.
   */
  resume(runId: string): Promise<void>;
  /** Pauses after the current phase; the run stays in memory. */
  pause(): Promise<void>;
  /** Goes on after `pause`. */
  unpause(): Promise<void>;
  /** Stops at the next safe point, writes a checkpoint, frees the engine. */
  stop(): Promise<void>;
  /** Registers the page's listener (a comlink proxy); events arrive at most a few times a second per type. */
  subscribe(listener: (event: LabEvent) => void): Promise<void>;
}

/** What only the page's own client calls. */
export interface EngineApi extends LabApi {
  /** Lets runs call the interpreters that the page serves at the other end of the port. */
  connectTools(port: MessagePort): Promise<void>;
}
