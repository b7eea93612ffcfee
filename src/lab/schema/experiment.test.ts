import { describe, expect, it } from 'vitest';
import { PRESETS } from '../presets';
import { ExperimentError, parseExperiment, readExperiment } from '.';

const problemsOf = (input: unknown) => {
  try {
    parseExperiment(input);
  } catch (error) {
    if (error instanceof ExperimentError) return error.problems;
    throw error;
  }
  return [];
};

describe('an experiment', () => {
  it('is complete without a word: the measured recipe', () => {
    expect(parseExperiment({})).toMatchObject({
      version: 2,
      seed: 0,
      model: { path: 'tiny-countdown' },
      data: { task: 'countdown' },
      rollout: { queries_per_step: 16, num_generations: 8, max_completion_length: 192, temperature: 1 },
      reward: { output: 1, wrong: 0, length: 0, actions: 0, custom: 0, selection: 'none' },
      objective: {
        advantage_estimator: 'group',
        scale_rewards: 'group',
        epsilon: 0.2,
        loss_type: 'dr_grpo',
        loss_scale_length: 40,
        entropy_coef: 0,
      },
      kl: { schedule: 'none' },
      strategy: { mini_batches: 1, num_iterations: 1, replay_steps: 0 },
      optimizer: {
        learning_rate: 2e-4,
        warmup_steps: 3,
        adam_beta1: 0.9,
        adam_beta2: 0.99,
        max_grad_norm: 1,
      },
      schedule: { max_steps: 60, eval_steps: 20, save_steps: 5 },
      evaluation: { split: 'test', problems: 488, num_samples: 1, temperature: 1 },
    });
  });

  it('keeps what is written and fills in the rest', () => {
    const { rollout, schedule } = parseExperiment({ rollout: { num_generations: 4 } });
    expect(rollout).toMatchObject({ num_generations: 4, queries_per_step: 16 });
    expect(schedule.max_steps).toBe(60);
  });

  it('is the same after a trip through JSON', () => {
    const experiment = parseExperiment({ seed: 5, optimizer: { learning_rate: 1e-3 } });
    expect(parseExperiment(JSON.parse(JSON.stringify(experiment)))).toEqual(experiment);
  });

  it('lists everything that is wrong, each with its path', () => {
    const problems = problemsOf({
      seed: -1,
      rollout: { num_generations: 0, temperature: 'hot' },
      schedule: { max_steps: 2.5 },
      objective: { scale_rewards: 'world' },
      optimizer: { learning_rate: NaN },
    });
    expect(problems.map((p) => p.path).sort()).toEqual([
      'objective.scale_rewards',
      'optimizer.learning_rate',
      'rollout.num_generations',
      'rollout.temperature',
      'schedule.max_steps',
      'seed',
    ]);
    expect(problems.every((p) => p.message.length > 0)).toBe(true);
  });

  it('refuses keys it does not know: a slip of the pen must not run the default', () => {
    expect(problemsOf({ rollout: { num_generation: 4 } })).toEqual([
      { path: 'rollout', message: expect.stringContaining('num_generation') as unknown },
    ]);
    expect(problemsOf({ sed: 1 })).toEqual([
      { path: '(document)', message: expect.stringContaining('sed') as unknown },
    ]);
  });

  it.each([null, undefined, 'aha', 7, [], { version: 3 }])('refuses %j', (input) => {
    expect(() => parseExperiment(input)).toThrow(ExperimentError);
    expect(() => parseExperiment(input)).toThrow('was not started');
  });
});

describe('an experiment of version 1', () => {
  it('becomes one of today: its KL weight was held throughout', () => {
    const old = {
      version: 1,
      objective: { scale_rewards: 'none', epsilon: 0.1, beta: 0.02, loss_scale_length: 40 },
    };
    expect(parseExperiment(old)).toMatchObject({
      version: 2,
      objective: { scale_rewards: 'none', epsilon: 0.1 },
      kl: { schedule: 'fixed', beta: 0.02, estimator: 'k3', placement: 'loss' },
    });
    const without = { version: 1, objective: { beta: 0 } };
    expect(parseExperiment(without).kl.schedule).toBe('none');
    expect(readExperiment(without)).toEqual(parseExperiment(without));
  });

  it('is refused for what version 1 refused', () => {
    expect(problemsOf({ version: 1, objective: { gamma: 1 } })).toHaveLength(1);
    expect(readExperiment({ version: 1, seed: 'x' })).toBeUndefined();
    expect(readExperiment(null)).toBeUndefined();
  });
});

describe('presets', () => {
  it.each(Object.entries(PRESETS))('%s is a valid experiment with a title and a description', (_, preset) => {
    expect(problemsOf(preset.experiment)).toEqual([]);
    expect(preset.title).not.toBe('');
    expect(preset.description).not.toBe('');
  });
});
