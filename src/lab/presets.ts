import type { ExperimentInput } from './schema';

export interface Preset {
  title: string;
  description: string;
  experiment: ExperimentInput;
}

/** Experiments by name, as `lab run <name>` and the page offer them. Each holds only what differs from the defaults. */
export const PRESETS: Record<string, Preset> = {
  aha: {
    title: 'Aha: outcome reward alone',
    description:
      'On-policy GRPO, 16 × 8 rollouts, 60 steps: a tiny model makes checking its own work the rule.',
    experiment: { name: 'Aha: outcome reward alone' },
  },
  'aha-quick': {
    title: 'Aha, quick look',
    description: 'Half the rollouts, 30 steps, a small evaluation: greedy accuracy jumps within two minutes.',
    experiment: {
      name: 'Aha, quick look',
      rollout: { queries_per_step: 8, num_generations: 8 },
      schedule: { max_steps: 30, eval_steps: 5 },
      evaluation: { problems: 128 },
    },
  },
};
