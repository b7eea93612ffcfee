/** All that is kept of a run, out of one store and into another. */
import { groupBy } from '../../groupBy';
import { StoreError } from '../../store/types';
import type { Checkpoint, MetricsRecord, RolloutRecord, RunRecord, RunStore } from '../../store/types';

export interface RunContents {
  run: RunRecord;
  /** Ascending by step, each step once; the last is the run's. */
  metrics: readonly MetricsRecord[];
  /** By step, `train` before `watch`. */
  rollouts: readonly RolloutRecord[];
  /** The newest. */
  checkpoint?: Checkpoint;
  /** Why the checkpoint is not the newest that was stored, or why there is none. */
  warning?: string;
}

/**
 * Reads a run as far as it has been committed when this is called, also while it goes on; without a checkpoint where none is
 * intact.
 * @throws StoreError when there is no such run, or its records cannot be read
 */
export async function contentsOf(store: RunStore, id: string): Promise<RunContents> {
  // The checkpoint first: it is then of a step that the rest has too.
  const loaded = await store.latestCheckpoint(id).catch((error: unknown) => {
    if (error instanceof StoreError) return { warning: error.message };
    throw error;
  });
  const records = await recordsOf(store, id);
  const { warning, ...checkpoint } = loaded ?? {};
  return {
    ...records,
    ...('step' in checkpoint && { checkpoint }),
    ...(warning !== undefined && { warning }),
  };
}

/** As `contentsOf`, without the checkpoint. */
export async function recordsOf(store: RunStore, id: string): Promise<RunContents> {
  const run = await store.getRun(id);
  if (!run) throw new StoreError('This run is no longer stored. Nothing was exported.');
  const upTo = <T extends { step: number }>(records: readonly T[]) =>
    records.filter((r) => r.step <= run.step);
  return { run, metrics: upTo(await store.metrics(id)), rollouts: upTo(await store.rollouts(id)) };
}

/**
 * Keeps a run that came from elsewhere, or nothing of it. Where its id is taken it gets another one, in no comparison.
 * @returns the run as it is stored
 * @throws StoreError
 */
export async function storeRun(
  store: RunStore,
  { run, metrics, rollouts, checkpoint }: RunContents,
): Promise<RunRecord> {
  const taken = (await store.getRun(run.id)) !== undefined;
  const kept = taken ? { ...run, id: crypto.randomUUID(), comparisons: undefined } : run;
  const unfinished = 'Not all of this run was imported. Delete it, and import its file again.';
  const byStep = groupBy(rollouts, ({ step }) => step);
  await store.createRun({ ...kept, step: 0, status: 'failed', error: unfinished });
  try {
    for (const line of metrics)
      await store.commitStep(kept.id, {
        metrics: line,
        rollouts: byStep.get(line.step),
        checkpoint: checkpoint?.step === line.step ? checkpoint : undefined,
      });
    const { status, error, updatedAt } = run;
    await store.updateRun(kept.id, { status, error, updatedAt });
  } catch (error) {
    await store.deleteRun(kept.id).catch(() => undefined);
    throw error;
  }
  return kept;
}
