import type { Gpu } from '../../src/gpu/device';
import { PRESETS } from '../../src/lab/presets';
import { parseExperiment } from '../../src/lab/schema';
import { Random } from '../../src/random';
import { Policy } from '../../src/rl/policy';
import { rlStep, type StepSettings } from '../../src/rl/step';
import { taskByName } from '../../src/tasks';
import { figure } from './harness';
import { tinyModel } from './tiny';

const { rollout, objective, optimizer, data, seed } = parseExperiment(PRESETS.aha.experiment);
const SETTINGS: StepSettings = {
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
    learningRate: optimizer.learning_rate,
    beta1: optimizer.adam_beta1,
    beta2: optimizer.adam_beta2,
    epsilon: 1e-8,
    weightDecay: optimizer.weight_decay,
    maxGradNorm: optimizer.max_grad_norm,
  },
};

/** Steps of the preset `aha` on the shipped model, one after the other; the first only warms up. */
export async function benchRl(gpu: Gpu, rounds: number) {
  const size = {
    maxCompletionLength: SETTINGS.maxCompletionLength,
    maxPromptLength: 16,
    slots: SETTINGS.queriesPerStep * SETTINGS.numGenerations,
    microBatchTokens: 4096,
  };
  const policy = await Policy.load(gpu, await tinyModel(), size, false);
  const task = taskByName(data.task);
  const problems = new Random(seed, 1);
  const steps = [];
  for (let step = 0; step <= rounds; step++) {
    const { rollouts, metrics } = await rlStep(policy, task, step, problems, SETTINGS);
    const tokens = rollouts.reduce((sum, r) => sum + r.tokens.length, 0);
    const packed = rollouts.reduce((sum, r) => sum + r.promptIds.length + r.tokens.length, 0);
    steps.push({ tokens, packed, rollout: metrics['time/rollout'], update: metrics['time/update'] });
  }
  policy.destroy();
  const measured = steps.slice(1);
  return {
    preset: `aha: ${SETTINGS.queriesPerStep} × ${SETTINGS.numGenerations} responses of at most ${SETTINGS.maxCompletionLength} tokens`,
    completionTokens: figure(measured.map((s) => s.tokens)),
    rollout: {
      seconds: figure(measured.map((s) => s.rollout)),
      tokensPerSecond: figure(measured.map((s) => s.tokens / s.rollout)),
    },
    update: {
      seconds: figure(measured.map((s) => s.update)),
      tokensPerSecond: figure(measured.map((s) => s.packed / s.update)),
    },
  };
}
