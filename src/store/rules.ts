/** What every store refuses, and says, in the same words. */
import { StoreError, type Checkpoint, type RolloutRecord, type RunRecord, type StepCommit } from './types';

/** A name from outside, safe to show in a message: quoted, control characters escaped, at most 60 characters. */
export const quote = (name: string): string =>
  JSON.stringify(name.length > 60 ? `${name.slice(0, 59)}…` : name);

export const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @throws StoreError when there is no such run. */
export function requireRun(run: RunRecord | undefined, id: string): RunRecord {
  if (run) return run;
  throw new StoreError(`There is no run ${quote(id)}: it was deleted or never stored. Nothing was changed.`);
}

/** @throws StoreError when the commit contradicts itself or what is stored. */
export function checkCommit(run: RunRecord, { metrics, rollouts = [], checkpoint }: StepCommit): void {
  const { step } = metrics;
  const refuse = (why: string) => {
    throw new StoreError(
      `Step ${step} of run ${quote(run.name)} was not stored: ${why} Everything up to step ${run.step} is kept.`,
    );
  };
  if (!Number.isSafeInteger(step) || step < 0) refuse('a step is a whole number, 0 or more.');
  if (step < run.step) refuse(`step ${run.step} already is. Go back to a checkpoint first.`);
  if (rollouts.some((r) => r.step !== step)) refuse('it came with rollouts of another step.');
  if (!checkpoint) return;
  if (checkpoint.step !== step) refuse(`it came with the checkpoint of step ${checkpoint.step}.`);
  for (const [name, value] of Object.entries(checkpoint.counters)) {
    if (!Number.isFinite(value)) refuse(`the checkpoint's counter ${quote(name)} is ${value}.`);
  }
}

/** @throws StoreError when the run has not come to the checkpoint's step */
export function checkKept(run: RunRecord, { step }: Checkpoint): void {
  if (step <= run.step) return;
  throw new StoreError(
    `The checkpoint of step ${step} of run ${quote(run.name)} was not stored: the run is at step ${run.step}. Everything up to there is kept.`,
  );
}

/** "Everything up to step 11 is kept, …": the middle sentence of an error about a write. */
export function kept(run: RunRecord, checkpointStep: number | undefined): string {
  const checkpoint =
    checkpointStep === undefined
      ? 'there is no checkpoint yet'
      : `the newest checkpoint is of step ${checkpointStep}`;
  return `Everything up to step ${run.step} is kept; ${checkpoint}.`;
}

/** The kinds of rollouts, in the order in which a step's are listed. */
export const ROLLOUT_KINDS: readonly RolloutRecord['kind'][] = ['train', 'watch'];
