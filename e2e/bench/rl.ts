import type { Gpu } from '../../src/gpu/device';
import { PRESETS } from '../../src/lab/presets';
import { parseExperiment } from '../../src/lab/schema';
import { learnerSettings, policySize, stepSettings } from '../../src/lab/step-settings';
import { Random } from '../../src/random';
import { Learner } from '../../src/rl/learner';
import { Policy } from '../../src/rl/policy';
import { promptEncoder } from '../../src/rl/prompt';
import { rlStep } from '../../src/rl/step';
import { taskByName } from '../../src/tasks';
import { figure } from './harness';
import { tinyModel } from './tiny';

const EXPERIMENT = parseExperiment(PRESETS.aha.experiment);
const { rollout, data, seed } = EXPERIMENT;

/** Steps of the preset `aha` on the shipped model, one after the other; the first only warms up. */
export async function benchRl(gpu: Gpu, rounds: number) {
  const model = await tinyModel();
  const policy = await Policy.load(gpu, model, policySize(EXPERIMENT, 0), false);
  const { kl, entropy, strategy } = learnerSettings(EXPERIMENT);
  const learner = new Learner(policy, kl, entropy, strategy);
  const parts = { encodePrompt: promptEncoder(policy.tokenizer, model.tokenizerConfig) };
  const task = taskByName(data.task);
  const train = task.split('train');
  const problems = new Random(seed, 1);
  const steps = [];
  for (let step = 0; step <= rounds; step++) {
    const { rollouts, metrics } = await rlStep(
      learner,
      task,
      train,
      step,
      problems,
      stepSettings(EXPERIMENT, step, parts),
    );
    const tokens = rollouts.reduce((sum, r) => sum + r.tokens.length, 0);
    const packed = rollouts.reduce((sum, r) => sum + r.promptIds.length + r.tokens.length, 0);
    steps.push({ tokens, packed, rollout: metrics['time/rollout'], update: metrics['time/update'] });
  }
  policy.destroy();
  const measured = steps.slice(1);
  return {
    preset: `aha: ${rollout.queries_per_step} × ${rollout.num_generations} responses of at most ${rollout.max_completion_length} tokens`,
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
