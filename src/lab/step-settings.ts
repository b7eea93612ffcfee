/** What an experiment asks of the RL step and of the policy's buffers, in the engine's terms. */
import type { PolicySize } from '../rl/policy';
import type { StepSettings } from '../rl/step';
import type { Experiment } from './schema';

/** Settings of step `step`, from 1: the learning rate warms up. */
export function stepSettings(
  { seed, rollout, objective, optimizer }: Experiment,
  step: number,
): StepSettings {
  return {
    seed,
    temperature: rollout.temperature,
    queriesPerStep: rollout.queries_per_step,
    numGenerations: rollout.num_generations,
    maxCompletionLength: rollout.max_completion_length,
    topK: rollout.top_k,
    topP: rollout.top_p,
    scaleRewards: objective.scale_rewards,
    objective: {
      epsilon: objective.epsilon,
      beta: objective.beta,
      lossScaleLength: objective.loss_scale_length,
    },
    optimizer: {
      learningRate: optimizer.learning_rate * Math.min(1, step / Math.max(1, optimizer.warmup_steps)),
      beta1: optimizer.adam_beta1,
      beta2: optimizer.adam_beta2,
      epsilon: 1e-8,
      weightDecay: optimizer.weight_decay,
      maxGradNorm: optimizer.max_grad_norm,
    },
  };
}

/** Room for the experiment's prompts and responses. */
export function policySize({ rollout }: Experiment): PolicySize {
  return {
    maxCompletionLength: rollout.max_completion_length,
    maxPromptLength: 16,
    slots: 128,
    microBatchTokens: 4096,
  };
}
