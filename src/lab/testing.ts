/** What tests of runs share. */
import type { RunStore, RunRecord } from '../store/types';
import { isTiming } from './metrics';
import type { LabEvent } from './protocol';
import type { Experiment } from './schema';

/** Stores a run that has not begun. */
export async function storeRun(store: RunStore, id: string, experiment: Experiment, at = 1): Promise<void> {
  const record = { id, name: id, experiment, status: 'running', step: 0, adapter: 'test' } as const;
  await store.createRun({ ...record, createdAt: at, updatedAt: at } satisfies RunRecord);
}

/** Everything of a run that must not depend on the machine or on pauses. */
export async function outcomeOf(store: RunStore, id: string) {
  const metrics = (await store.metrics(id)).map((line) =>
    Object.fromEntries(Object.entries(line).filter(([name]) => !isTiming(name))),
  );
  const rollouts = (await store.rollouts(id)).map((rollout) => ({
    ...rollout,
    calls: rollout.calls?.map(({ ms: _, ...call }) => call),
  }));
  return { metrics, rollouts, checkpoint: await store.latestCheckpoint(id) };
}

/** The step that has just been made. */
export const stepOf = (event: LabEvent): number | undefined =>
  event.type === 'step' ? event.metrics.step : undefined;

export const statuses = (events: readonly LabEvent[]) =>
  events.flatMap((event) => (event.type === 'run-status' ? [event.status] : []));
