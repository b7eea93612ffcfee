import type { RunRecord } from '../store/types';
import type { Experiment } from './schema';

/** The record of a run that is about to begin. @param adapter what computes it */
export function newRun(experiment: Experiment, adapter: string): RunRecord {
  const now = Date.now();
  return {
    id: crypto.randomUUID(),
    name: experiment.name,
    experiment,
    status: 'running',
    step: 0,
    createdAt: now,
    updatedAt: now,
    adapter,
  };
}
