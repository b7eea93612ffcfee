/** One RL step, the whole idea on one page: rollout, reward, advantage, update, record. */
import type { GenerationHooks } from '../model/decoder';
import type { Random } from '../random';
import type { Problem, Task } from '../tasks/types';
import { advantages, groupSpread, isUniform, type AdvantageSettings } from './advantage';
import { judge, responseMetrics, type JudgedRollout } from './judge';
import type { Learner, LearnResult, LearnSettings } from './learner';
import type { PromptEncoder } from './prompt';
import { klToReference } from './reference';
import type { Sample } from './replay';
import { rewardTerms, type RewardInput, type RewardSettings } from './reward';
import { sampleRollouts } from './rollout';
import { select, type Selection } from './selection';
import { STREAMS } from './streams';
import { sampledLength } from './tools/mask';
import type { ToolSettings } from './tools/use';

export interface StepSettings extends LearnSettings {
  queriesPerStep: number;
  numGenerations: number;
  maxCompletionLength: number;
  topK: number;
  topP: number;
  encodePrompt: PromptEncoder;
  stopStrings: readonly string[];
  /** What the policy may call. */
  tools?: ToolSettings;
  /** Times that groups of equal rewards are replaced by new ones. */
  dynamicSampling: number;
  reward: RewardSettings;
  /** A person's own reward: a number for each response, in order. */
  customReward?: (inputs: readonly RewardInput[]) => Promise<number[]>;
  selection: Selection;
  advantage: AdvantageSettings;
  /** Truncated responses carry no loss. */
  maskTruncated: boolean;
}

export interface StepHooks extends GenerationHooks {
  /** Between sampling and updating: may wait, or end the step by throwing. */
  beforeUpdate?: () => Promise<void>;
  onUpdateProgress?: (done: number, total: number) => void;
}

export interface RewardedRollout extends JudgedRollout {
  /** Each reward term apart; `reward` is their sum. */
  rewards: Record<string, number>;
  reward: number;
}

export interface StepResult {
  rollouts: RewardedRollout[];
  advantages: Float64Array;
  metrics: Record<string, number>;
}

/**
 * @param step number of this step, from 1
 * @param problems what is asked, drawn from by `problemChoice`, which is advanced
 * @throws GpuError
 */
export async function rlStep<P extends Problem>(
  learner: Learner,
  task: Task<P>,
  problems: readonly P[],
  step: number,
  problemChoice: Random,
  settings: StepSettings,
  hooks: StepHooks = {},
): Promise<StepResult> {
  const begin = performance.now();
  const n = settings.numGenerations;
  const rollouts: RewardedRollout[] = [];
  let groups: number[][] = [];
  for (let round = 0, missing = settings.queriesPerStep; ; round++) {
    const asked = Array.from({ length: missing }, () => problemChoice.choice(problems));
    const first = rollouts.length;
    const sampling = { ...settings, stream: STREAMS.rollouts + step, firstStream: first };
    const sampled = await sampleRollouts(learner.policy, asked, n, sampling, hooks);
    const judged = sampled.map((rollout) => judge(task, rollout));
    rollouts.push(...(await rewarded(learner, judged, step, settings)));
    groups.push(...asked.map((_, g) => Array.from({ length: n }, (_, i) => first + g * n + i)));
    if (round === settings.dynamicSampling) break;
    groups = groups.filter(
      (group) =>
        !isUniform(
          rollouts.map((r) => r.reward),
          group,
        ),
    );
    missing = settings.queriesPerStep - groups.length;
    if (missing === 0) break;
  }
  const sampledAt = performance.now();
  await hooks.beforeUpdate?.();

  const rewards = rollouts.map((r) => r.reward);
  const lengths = rollouts.map(sampledLength);
  const selectable = rollouts.map(({ correct }, i) => ({ correct, length: lengths[i] }));
  const learnt = select(settings.selection, selectable, groups);
  const advantage = advantages(rewards, lengths, learnt, settings.advantage);
  const samples = learnt.map((group) =>
    group.map((i): Sample => {
      const { promptIds, tokens, logps, toolMask, finished } = rollouts[i];
      const learnable = finished || !settings.maskTruncated;
      // As float32: a replayed sample is the same after a checkpoint.
      return { promptIds, tokens, logps, toolMask, advantage: Math.fround(advantage[i]), learnable, step };
    }),
  );
  const updating = performance.now();
  const beta = learner.beta(step, settings.kl);
  const entropyCoef = learner.entropyCoef(settings.entropy);
  const update = await learner.learn(step, samples, settings, hooks.onUpdateProgress);
  const end = performance.now();

  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const metrics: Record<string, number> = {
    ...rewardMetrics(rollouts, n),
    ...rolloutMetrics(rollouts),
    ...updateMetrics(update, settings),
    ...(settings.kl.schedule !== 'none' && { 'actor/kl_coef': beta }),
    ...(entropyCoef > 0 && { 'actor/entropy_coeff': entropyCoef }),
    ...(learnt.length * n !== rollouts.length && {
      'sampling/learnt_ratio': learnt.flat().length / rollouts.length,
    }),
    tokens_per_second: tokens / ((sampledAt - begin) / 1000),
    'time/rollout': (sampledAt - begin) / 1000,
    'time/update': (end - updating) / 1000,
  };
  return { rollouts, advantages: advantage, metrics };
}

/** The reward of each response, its terms apart; KL to the reference among them where it belongs to the reward. */
async function rewarded(
  learner: Learner,
  judged: readonly JudgedRollout[],
  step: number,
  settings: StepSettings,
): Promise<RewardedRollout[]> {
  const inputs = judged.map((r): RewardInput => ({
    prompt: r.problem.prompt,
    response: r.text,
    answer: r.problem.answer,
    correct: r.correct,
    finished: r.finished,
    length: sampledLength(r),
    ...(r.calls && { calls: r.calls.length }),
    maxLength: settings.maxCompletionLength,
  }));
  const custom = await settings.customReward?.(inputs);
  const { kl } = settings;
  const inReward = kl.schedule !== 'none' && kl.placement !== 'loss';
  const beta = learner.beta(step, kl);
  const divergence = inReward
    ? await klToReference(learner.policy, judged, kl.estimator, settings.temperature)
    : undefined;
  return judged.map((r, i) => {
    const rewards = {
      ...rewardTerms({ ...inputs[i], response: r.written ?? r.text }, settings.reward, custom?.[i]),
      ...(divergence && { kl: -beta * divergence[i] }),
    };
    return { ...r, rewards, reward: Object.values(rewards).reduce((a, b) => a + b, 0) };
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

function rewardMetrics(rollouts: readonly RewardedRollout[], n: number): Record<string, number> {
  const rewards = rollouts.map((r) => r.reward);
  const groups = Array.from({ length: rollouts.length / n }, (_, g) =>
    Array.from({ length: n }, (_, i) => g * n + i),
  );
  const { meanStd, zeroStdShare } = groupSpread(rewards, groups);
  const terms = Object.keys(rollouts[0].rewards);
  return {
    reward: mean(rewards),
    reward_std: meanStd,
    frac_reward_zero_std: zeroStdShare,
    ...(terms.length > 1 &&
      Object.fromEntries(
        terms.map((name) => [`rewards/${name}/mean`, mean(rollouts.map((r) => r.rewards[name] ?? 0))]),
      )),
  };
}

function rolloutMetrics(rollouts: readonly RewardedRollout[]): Record<string, number> {
  const { accuracy, completion_ratio, right_equations, ...responses } = responseMetrics(rollouts);
  return {
    accuracy,
    ...Object.fromEntries(
      Object.entries(responses).map(([name, value]) => [
        /^(keywords|tools)\//.test(name) ? name : `completions/${name}`,
        value,
      ]),
    ),
    'completions/clipped_ratio': 1 - completion_ratio,
    completion_ratio,
    ...(right_equations !== undefined && { right_equations }),
  };
}

function updateMetrics(
  update: LearnResult,
  { optimizer, kl, strategy }: StepSettings,
): Record<string, number> {
  const { clipped } = update;
  const offPolicy = update.updates > 1 || update.replayed > 0;
  return {
    entropy: update.entropy,
    loss: update.loss,
    grad_norm: update.gradNorm,
    learning_rate: optimizer.learningRate,
    'clip_ratio/low_mean': clipped.low,
    'clip_ratio/high_mean': clipped.high,
    'clip_ratio/region_mean': clipped.low + clipped.high,
    ...(kl.schedule !== 'none' && { kl: update.kl }),
    ...(offPolicy && { 'actor/ppo_kl': update.policyKl, updates: update.updates }),
    ...(strategy.replaySteps > 0 && {
      'replay/groups': update.replayed,
      'replay/age_mean': update.replayAge,
    }),
    ...(!offPolicy && {
      'sampling/sampling_logp_difference/mean': update.mismatch.mean,
      'sampling/sampling_logp_difference/max': update.mismatch.max,
    }),
  };
}
