import type { Prepared } from '../../lab/dataset';
import { KEPT_PROBLEMS, restoreDifficulty } from '../../lab/difficulty';
import { questionsOf } from '../../lab/questions';
import type { RunStore } from '../../store/types';
import type { Study } from './types';

/**
 * What is exported of an experiment that was prepared to run.
 * @param run of it, where there is one: the questions are those that its difficulty filter kept
 * @throws StoreError when the run's checkpoints cannot be read
 */
export async function studyOf(
  { experiment, model, dataset }: Prepared,
  run?: { store: RunStore; id: string },
): Promise<Study> {
  const asked = questionsOf(experiment, dataset);
  const kept = experiment.data.pass_rate_samples > 0 && run ? await keptProblems(run) : undefined;
  const questions = kept ? restoreDifficulty(asked, { arrays: { [KEPT_PROBLEMS]: kept } }).questions : asked;
  return { experiment, questions, config: model.config, tokenizerConfig: model.tokenizerConfig };
}

async function keptProblems(run: { store: RunStore; id: string }): Promise<Float32Array | undefined> {
  const checkpoint = await run.store.openCheckpoint(run.id, [KEPT_PROBLEMS]);
  const length = checkpoint?.lengths[KEPT_PROBLEMS];
  return length === undefined ? undefined : checkpoint?.read(KEPT_PROBLEMS, 0, length);
}
