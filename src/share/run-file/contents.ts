/** All that is kept of a run, out of one store and into another. */
import { groupBy } from '../../groupBy';
import { StoreError } from '../../store/types';
import type { ImportReport } from '../../tasks/import';
import type { Checkpoint, MetricsRecord, RolloutRecord, RunRecord, RunStore } from '../../store/types';

export interface RunContents {
  run: RunRecord;
  /** Ascending by step, each step once; the last is the run's. */
  metrics: readonly MetricsRecord[];
  /** By step, `train` before `watch`. */
  rollouts: readonly RolloutRecord[];
  /** Ascending by step; each is read when it is asked for, for all of them may not fit in memory. */
  checkpoints: readonly KeptCheckpoint[];
  /** The questions of the run's data set, where they came with it. */
  dataset?: Pick<ImportReport, 'problems' | 'counts'>;
  /** The text of the run's file of demonstrations, where it came with it. */
  demonstrations?: string;
}

export interface KeptCheckpoint {
  step: number;
  /** Rejects with StoreError or RunFileError when it is damaged. */
  load: () => Promise<Checkpoint>;
}

/**
 * Reads a run as far as it has been committed when this is called, also while it goes on.
 * @throws StoreError when there is no such run, or its records cannot be read
 */
export async function contentsOf(store: RunStore, id: string): Promise<RunContents> {
  const run = await store.getRun(id);
  if (!run) throw new StoreError('This run is no longer stored. Nothing was exported.');
  const upTo = <T extends { step: number }>(records: readonly T[]) =>
    records.filter((r) => r.step <= run.step);
  return {
    run,
    metrics: upTo(await store.metrics(id)),
    rollouts: upTo(await store.rollouts(id)),
    checkpoints: upTo(await store.checkpoints(id)).map(({ step }) => ({
      step,
      load: async () => {
        const checkpoint = await store.checkpointAt(id, step);
        if (checkpoint) return checkpoint;
        throw new StoreError(`The checkpoint of step ${step} was removed in the meantime.`);
      },
    })),
  };
}

/**
 * Keeps a run that came from elsewhere, or nothing of it. Where its id is taken it gets another one, in no comparison.
 * @returns the run as it is stored
 * @throws StoreError
 */
export async function storeRun(
  store: RunStore,
  { run, metrics, rollouts, checkpoints }: RunContents,
): Promise<RunRecord> {
  const taken = (await store.getRun(run.id)) !== undefined;
  const record = taken ? { ...run, id: crypto.randomUUID(), comparisons: undefined } : run;
  const unfinished = 'Not all of this run was imported. Delete it, and import its file again.';
  const responses = groupBy(rollouts, ({ step }) => step);
  const kept = new Map(checkpoints.map(({ step, load }) => [step, load]));
  await store.createRun({ ...record, step: 0, status: 'failed', error: unfinished });
  try {
    for (const line of metrics)
      await store.commitStep(record.id, {
        metrics: line,
        rollouts: responses.get(line.step),
        checkpoint: await kept.get(line.step)?.(),
      });
    const { status, error, updatedAt } = run;
    await store.updateRun(record.id, { status, error, updatedAt });
  } catch (error) {
    await store.deleteRun(record.id).catch(() => undefined);
    throw error;
  }
  return record;
}
