import type { Prepared } from '../../lab/dataset';
import { restoreDifficulty } from '../../lab/difficulty';
import { questionsOf } from '../../lab/questions';
import type { Checkpoint } from '../../store/types';
import type { Study } from './types';

/**
 * What is exported of an experiment that was prepared to run.
 * @param checkpoint of a run of it: the questions are those that its difficulty filter kept
 */
export function studyOf({ experiment, model, dataset }: Prepared, checkpoint?: Checkpoint): Study {
  const asked = questionsOf(experiment, dataset);
  const questions = checkpoint ? restoreDifficulty(asked, checkpoint).questions : asked;
  return { experiment, questions, config: model.config, tokenizerConfig: model.tokenizerConfig };
}
