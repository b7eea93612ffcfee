/** A run that begins with another one's checkpoint and goes its own way from there. */
import { StoreError, type Checkpoint, type RunRecord, type RunStore, type StepCommit } from '../store/types';
import { totalSteps } from './schedule';
import { ExperimentError, parseExperiment, type Experiment } from './schema';

/** What a checkpoint is bound to: its weights, how they are trained, and how its steps are counted. */
const BOUND = ['model', 'training', 'sft'];

/**
 * @param experiment of the fork: the parent's, with changed settings
 * @throws ExperimentError when the settings do not fit the parent's checkpoint
 */
export function checkFork(parent: RunRecord, step: number, experiment: Experiment): void {
  const before = new Map(Object.entries<unknown>(parseExperiment(parent.experiment)));
  const after = new Map(Object.entries<unknown>(experiment));
  const filters = [before, after].some((of) => (of.get('data') as Experiment['data']).pass_rate_samples > 0);
  const problems = [...BOUND, ...(filters ? ['data'] : [])]
    .filter((section) => JSON.stringify(before.get(section)) !== JSON.stringify(after.get(section)))
    .map((path) => ({
      path,
      message: `A fork keeps what “${parent.name}” has here: its checkpoint goes with it. Bring this section back, or start a run of its own.`,
    }));
  const total = totalSteps(experiment);
  if (total <= step)
    problems.push({
      path: 'schedule.max_steps',
      message: `The fork begins at step ${step}, and the settings end at step ${total}. Give it more steps.`,
    });
  if (problems.length > 0) throw new ExperimentError(problems);
}

export interface Fork {
  run: RunRecord;
  from: Checkpoint;
}

/**
 * Stores a queued run that goes on from a kept checkpoint of another: its first step is the parent's, with the responses
 * and the checkpoint, and the parent's curves lie behind its own, so that it stands without the parent.
 * @param into another store than the parent's, where the run is to be in a folder of its own
 * @throws ExperimentError, StoreError
 */
export async function forkRun(
  store: RunStore,
  parent: RunRecord,
  step: number,
  experiment: Experiment,
  { into = store, keepEvery = parent.keepEvery }: { into?: RunStore; keepEvery?: number } = {},
): Promise<Fork> {
  checkFork(parent, step, experiment);
  const from = await store.checkpointAt(parent.id, step);
  const reference = await store.metrics(parent.id);
  const metrics = reference.find((line) => line.step === step);
  if (!from || !metrics) {
    const kept = (await store.checkpoints(parent.id)).map((checkpoint) => checkpoint.step);
    throw new StoreError(
      `“${parent.name}” has no checkpoint of step ${step}, so no run can begin there. Nothing was changed. ` +
        (kept.length ? `Its kept checkpoints are of the steps ${kept.join(', ')}.` : 'It has none.'),
    );
  }
  const now = Date.now();
  const run: RunRecord = {
    id: crypto.randomUUID(),
    name: experiment.name === parent.name ? `${experiment.name}, fork of step ${step}` : experiment.name,
    experiment,
    status: 'queued',
    step,
    createdAt: now,
    updatedAt: now,
    adapter: '',
    parent: { run: parent.id, step },
    reference,
    keepEvery,
  };
  const first: StepCommit = {
    metrics,
    rollouts: await store.rollouts(parent.id, { step }),
    checkpoint: from,
  };
  await into.createRun(run, first);
  return { run, from };
}
