/** Stored rollouts as a reward function was given them, or would be. */
import type { RewardInput } from '../../rl/reward';
import type { RolloutRecord } from '../../store/types';
import { placeStep } from '../schedule';
import type { Experiment } from '../schema';
import { limitOfStep, parseStages } from '../schema/stages';

/** The gold answer of runs that did not keep it is the empty text. */
export function rewardInputs(rollouts: readonly RolloutRecord[], experiment: Experiment): RewardInput[] {
  const { context_stages, max_completion_length } = experiment.rollout;
  const stages = parseStages(context_stages);
  return rollouts.map(({ step, prompt, response, answer = '', correct, finished, length, calls }) => ({
    prompt,
    response,
    answer,
    correct,
    finished,
    length,
    maxLength: limitOfStep(stages, max_completion_length, placeStep(experiment, step).step),
    ...(calls && { calls: calls.length }),
  }));
}
