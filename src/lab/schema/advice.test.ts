import { describe, expect, it } from 'vitest';
import { experimentSchema, type ExperimentInput } from './experiment';
import { checkExperiment } from '.';
import { limitOfStep, parseStages } from './stages';

const check = (input: ExperimentInput) => {
  const { errors, warnings } = checkExperiment(experimentSchema.parse(input));
  return { errors: errors.map((e) => e.path), warnings: warnings.map((w) => w.path) };
};
const nothing = { errors: [], warnings: [] };

it('has nothing to say of the defaults', () => expect(check({})).toEqual(nothing));

it('has nothing to say of frozen weights in fewer bits', () =>
  expect(check({ model: { dtype: 'int4' }, training: { peft: 'lora' } })).toEqual(nothing));

it('has nothing to say of trained weights that are computed with as float16', () =>
  expect(check({ model: { dtype: 'float16' } })).toEqual(nothing));

describe('refuses', () => {
  it.each<[string, ExperimentInput, string]>([
    ['a group of one with a group baseline', { rollout: { num_generations: 1 } }, 'rollout.num_generations'],
    [
      'one response a batch',
      {
        rollout: { num_generations: 1, queries_per_step: 1 },
        objective: { advantage_estimator: 'reinforce' },
      },
      'rollout.queries_per_step',
    ],
    ['a dual clip below 1', { objective: { clip_ratio_c: 0.5 } }, 'objective.clip_ratio_c'],
    ['an adaptive KL without a horizon', { kl: { schedule: 'adaptive' } }, 'kl.horizon'],
    ['an adaptive KL from nothing', { kl: { schedule: 'adaptive', horizon: 1000, beta: 0 } }, 'kl.beta'],
    ['more mini-batches than questions', { strategy: { mini_batches: 17 } }, 'strategy.mini_batches'],
    [
      'LoRA on a module that there is not',
      { training: { peft: 'lora', lora_target_modules: 'q_proj, lm_head' } },
      'training.lora_target_modules',
    ],
    ['trained weights in fewer bits', { model: { dtype: 'int8' } }, 'model.dtype'],
    ['a weight without a function', { reward: { custom: 1 } }, 'reward.custom_code'],
    ['rewards that are all alike', { reward: { output: 0 } }, 'reward.output'],
    [
      'a buffer as long as the response',
      { reward: { overlong: 1, overlong_buffer: 192 } },
      'reward.overlong_buffer',
    ],
    ['a prompt without its question', { prompt: { template: 'own', own: 'Answer!' } }, 'prompt.own'],
    ['stages it cannot read', { rollout: { context_stages: '64 for 20' } }, 'rollout.context_stages'],
    ['a stage above the limit', { rollout: { context_stages: '500 until 20' } }, 'rollout.context_stages'],
  ])('%s', (_, input, path) => expect(check(input).errors).toContain(path));
});

describe('warns of', () => {
  it.each<[string, ExperimentInput, string]>([
    ['KL in both places', { kl: { schedule: 'fixed', placement: 'both' } }, 'kl.placement'],
    ['a schedule of nothing', { kl: { schedule: 'cosine', beta: 0 } }, 'kl.beta'],
    ['k1 in the loss', { kl: { schedule: 'fixed', estimator: 'k1' } }, 'kl.estimator'],
    ['annealing that outlives the run', { kl: { schedule: 'linear', horizon: 500 } }, 'kl.horizon'],
    ['a stage that never ends', { rollout: { context_stages: '64 until 60' } }, 'rollout.context_stages'],
    ['top-p off-policy', { strategy: { num_iterations: 2 }, rollout: { top_p: 0.9 } }, 'rollout.top_p'],
    ['calls that are not run', { tools: { language: 'python', execute: false } }, 'tools.execute'],
    ['a cost without calls', { reward: { tool_cost: 0.1 } }, 'reward.tool_cost'],
    [
      'sequence ratios on-policy',
      { objective: { importance_sampling_level: 'sequence' } },
      'objective.importance_sampling_level',
    ],
  ])('%s, and lets it run', (_, input, path) => {
    const { errors, warnings } = check(input);
    expect(warnings).toContain(path);
    expect(errors).toEqual([]);
  });
});

it('reads the staged limit', () => {
  const stages = parseStages(' 64 until 20, 128 until 40 ');
  expect(stages).toEqual([
    { limit: 64, until: 20 },
    { limit: 128, until: 40 },
  ]);
  expect([1, 20, 21, 40, 41, Infinity].map((step) => limitOfStep(stages, 192, step))).toEqual([
    64, 64, 128, 128, 192, 192,
  ]);
  expect(parseStages('')).toEqual([]);
  for (const bad of ['64', '64 until', '0 until 5', '9 until 5, 8 until 5', '1e3 until 4', ','])
    expect(() => parseStages(bad), bad).toThrow(RangeError);
});
