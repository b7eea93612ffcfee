/** What an experiment asks of the RL step and of the policy's buffers, in the engine's terms. */
import type { AdamWSettings } from '../gpu/kernels/optimizer';
import type { EntropySettings, KlSettings, StrategySettings } from '../rl/learner';
import type { PolicySize } from '../rl/policy';
import type { PromptEncoder } from '../rl/prompt';
import type { RewardInput } from '../rl/reward';
import type { StepSettings } from '../rl/step';
import type { ToolSettings } from '../rl/tools/use';
import type { SftSettings } from '../sft/finetune';
import type { Experiment } from './schema';
import { loraOf } from './schema/training';
import { limitOfStep, parseStages } from './schema/stages';

/** What a step needs beside numbers: how questions are put, a person's own reward, and what the policy may call. */
export interface StepParts {
  encodePrompt: PromptEncoder;
  customReward?: (inputs: readonly RewardInput[]) => Promise<number[]>;
  tools?: ToolSettings;
}

/** Settings of RL step `step`, from 1: the learning rate warms up, the response limit has stages. */
export function stepSettings(experiment: Experiment, step: number, parts: StepParts): StepSettings {
  const { seed, prompt, rollout, reward, objective, optimizer } = experiment;
  return {
    seed,
    ...parts,
    temperature: rollout.temperature,
    queriesPerStep: rollout.queries_per_step,
    numGenerations: rollout.num_generations,
    maxCompletionLength: limitOfStep(
      parseStages(rollout.context_stages),
      rollout.max_completion_length,
      step,
    ),
    topK: rollout.top_k,
    topP: rollout.top_p,
    dynamicSampling: rollout.dynamic_sampling,
    stopStrings: list(prompt.stop, '|'),
    reward: {
      ...reward,
      requireFormat: reward.require_format,
      actionWords: list(reward.action_words, ','),
      overlongBuffer: reward.overlong_buffer,
      toolCost: reward.tool_cost,
    },
    selection: reward.selection,
    advantage: { estimator: objective.advantage_estimator, scale: objective.scale_rewards },
    maskTruncated: objective.mask_truncated_completions,
    objective: {
      epsilon: objective.epsilon,
      epsilonHigh: objective.epsilon_high || objective.epsilon,
      clipRatioC: objective.clip_ratio_c,
      importanceSamplingLevel: objective.importance_sampling_level,
      lossType: objective.loss_type,
      lossScaleLength: objective.loss_scale_length,
    },
    topEntropyQuantile: objective.top_entropy_quantile,
    ...learnerSettings(experiment),
    optimizer: adamwSettings(
      optimizer,
      optimizer.learning_rate * Math.min(1, step / Math.max(1, optimizer.warmup_steps)),
    ),
  };
}

/** Settings of the cold start's steps. */
export const sftSettings = ({ seed, sft, optimizer }: Experiment): SftSettings => ({
  seed,
  batchSize: sft.batch_size,
  warmupSteps: sft.warmup_steps,
  optimizer: adamwSettings(optimizer, sft.learning_rate),
});

const adamwSettings = (optimizer: Experiment['optimizer'], learningRate: number): AdamWSettings => ({
  learningRate,
  beta1: optimizer.adam_beta1,
  beta2: optimizer.adam_beta2,
  epsilon: 1e-8,
  weightDecay: optimizer.weight_decay,
  maxGradNorm: optimizer.max_grad_norm,
});

/** What holds for the whole run. */
export function learnerSettings({ kl, objective, strategy, schedule }: Experiment): {
  kl: KlSettings;
  entropy: EntropySettings;
  strategy: StrategySettings;
} {
  const {
    entropy_coef: coef,
    use_adaptive_entropy,
    entropy_target: target,
    entropy_coef_delta: delta,
  } = objective;
  return {
    kl: {
      schedule: kl.schedule,
      beta: kl.beta,
      betaEnd: kl.beta_end,
      horizon: kl.horizon || schedule.max_steps,
      target: kl.target,
      estimator: kl.estimator,
      placement: kl.placement,
      syncSteps: kl.ref_model_sync_steps,
    },
    entropy: { coef, ...(use_adaptive_entropy && { adaptive: { target, delta } }) },
    strategy: {
      miniBatches: strategy.mini_batches,
      numIterations: strategy.num_iterations,
      replaySteps: strategy.replay_steps,
      replayRatio: strategy.replay_steps > 0 ? strategy.replay_ratio : 0,
    },
  };
}

const list = (text: string, separator: string): string[] =>
  text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);

/** Whether a reference policy is kept, for the KL. */
export const hasReference = ({ kl }: Experiment): boolean => kl.schedule !== 'none';

/** Room for the experiment's prompts and responses. @param longestPrompt in tokens */
export function policySize(experiment: Experiment, longestPrompt: number): PolicySize {
  const { model, rollout, training, sft, kl, seed } = experiment;
  const lora = loraOf(training);
  return {
    maxCompletionLength: rollout.max_completion_length,
    maxPromptLength: Math.max(16, longestPrompt),
    slots: rollout.max_num_seqs,
    microBatchTokens: training.micro_batch_tokens,
    lora: lora && { ...lora, seed },
    dtype: model.dtype,
    gradientCheckpointing: training.gradient_checkpointing,
    referenceMoves: sft.steps > 0 || kl.ref_model_sync_steps > 0,
  };
}
