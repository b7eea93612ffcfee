/** One RL step, the whole idea on one page: rollout, reward, advantage, update, record. */
import type { GenerationHooks } from '../model/decoder';
import type { Random } from '../random';
import type { Problem, Task } from '../tasks/types';
import { groupAdvantages, type ScaleRewards } from './advantage';
import { judge, responseMetrics, type JudgedRollout } from './judge';
import type { Policy } from './policy';
import { sampleRollouts } from './rollout';
import { STREAMS } from './streams';
import { updatePolicy, type UpdateSettings } from './update';

export interface StepSettings extends UpdateSettings {
  seed: number;
  queriesPerStep: number;
  numGenerations: number;
  maxCompletionLength: number;
  topK: number;
  topP: number;
  scaleRewards: ScaleRewards;
}

export interface StepHooks extends GenerationHooks {
  /** Between sampling and updating: may wait, or end the step by throwing. */
  beforeUpdate?: () => Promise<void>;
  onUpdateProgress?: (done: number, total: number) => void;
}

export interface StepResult {
  rollouts: JudgedRollout[];
  advantages: Float64Array;
  metrics: Record<string, number>;
}

/**
 * @param step number of this step, from 1
 * @param problemChoice stream that draws the problems; advanced
 */
export async function rlStep<P extends Problem>(
  policy: Policy,
  task: Task<P>,
  step: number,
  problemChoice: Random,
  settings: StepSettings,
  hooks: StepHooks = {},
): Promise<StepResult> {
  const begin = performance.now();
  const train = task.split('train');
  const problems = Array.from({ length: settings.queriesPerStep }, () => problemChoice.choice(train));
  const sampling = { ...settings, stream: STREAMS.rollouts + step };
  const sampled = await sampleRollouts(policy, problems, settings.numGenerations, sampling, hooks);
  const rollouts = sampled.map((rollout) => judge(task, rollout));
  const rewards = rollouts.map((r) => r.reward);
  const { advantages, meanStd, zeroStdShare } = groupAdvantages(
    rewards,
    settings.numGenerations,
    settings.scaleRewards,
  );
  const sampledAt = performance.now();
  await hooks.beforeUpdate?.();

  const updating = performance.now();
  const update = await updatePolicy(policy, rollouts, advantages, settings, (done) =>
    hooks.onUpdateProgress?.(done, rollouts.length),
  );
  const end = performance.now();

  const { accuracy, completion_ratio, right_equations, ...responses } = responseMetrics(rollouts);
  const tokens = rollouts.reduce((sum, r) => sum + r.tokens.length, 0);
  const metrics: Record<string, number> = {
    reward: rewards.reduce((a, b) => a + b, 0) / rewards.length,
    reward_std: meanStd,
    frac_reward_zero_std: zeroStdShare,
    accuracy,
    ...Object.fromEntries(
      Object.entries(responses).map(([name, value]) => [
        name.startsWith('keywords/') ? name : `completions/${name}`,
        value,
      ]),
    ),
    'completions/clipped_ratio': 1 - completion_ratio,
    completion_ratio,
    ...(right_equations !== undefined && { right_equations }),
    entropy: update.entropy,
    loss: update.loss,
    grad_norm: update.gradNorm,
    learning_rate: settings.optimizer.learningRate,
    'clip_ratio/region_mean': update.clippedShare,
    ...(settings.objective.beta > 0 && { kl: update.kl }),
    'sampling/sampling_logp_difference/mean': update.mismatch.mean,
    'sampling/sampling_logp_difference/max': update.mismatch.max,
    tokens_per_second: tokens / ((sampledAt - begin) / 1000),
    'time/rollout': (sampledAt - begin) / 1000,
    'time/update': (end - updating) / 1000,
  };
  return { rollouts, advantages, metrics };
}
