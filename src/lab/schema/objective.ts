/** What is optimised: advantage, policy loss, KL, entropy. Names follow TRL's `GRPOConfig`, then verl. */
import { choice, flag, integer, number, section } from './fields';

export const objectiveSection = section('Objective', {
  advantage_estimator: choice(['group', 'rloo', 'reinforce', 'reinforce_baseline'], 'group', {
    label: 'Advantage',
    help: 'group: reward minus the group’s mean (GRPO, Dr. GRPO). rloo: minus the mean of the others. reinforce: minus the batch’s mean, over its std (REINFORCE++). reinforce_baseline: minus the group’s mean, then normalised over the batch.',
  }),
  scale_rewards: choice(['group', 'batch', 'none'], 'group', {
    label: 'Advantage scaling',
    help: 'For the group advantage. group: over the group’s std + 1e-4, as GRPO. batch: over the batch’s. none: not scaled, as Dr. GRPO.',
  }),
  importance_sampling_level: choice(['token', 'sequence'], 'token', {
    label: 'Importance ratio',
    help: 'token: each token has its own (GRPO). sequence: the geometric mean over the response (GSPO). They differ off-policy only.',
    advanced: true,
  }),
  epsilon: number(0, 1, 0.2, {
    label: 'Clip ε',
    help: 'Importance ratios below 1 − ε stop earning; on-policy they are all 1.',
    step: 0.01,
  }),
  epsilon_high: number(0, 10, 0, {
    label: 'Clip ε, high',
    help: 'Importance ratios above 1 + this stop earning; 0 is the same as ε. 0.28 is “clip higher” of DAPO.',
    step: 0.01,
    advanced: true,
  }),
  clip_ratio_c: number(0, 100, 0, {
    label: 'Dual clip c',
    help: 'Bounds the loss of a bad response at c·|A| when its ratio explodes; above 1, usually 3. 0 is off.',
    step: 0.5,
    advanced: true,
  }),
  loss_type: choice(['grpo', 'dapo', 'dr_grpo', 'seq_sum'], 'dr_grpo', {
    label: 'Loss aggregation',
    help: 'grpo: mean over tokens, then over responses. dapo: mean over all tokens of the batch. dr_grpo: sum over tokens ÷ (responses × length constant). seq_sum: sum over tokens, mean over responses.',
  }),
  loss_scale_length: number(1, 100_000, 40, {
    label: 'Loss length constant',
    unit: 'tokens',
    help: 'Of dr_grpo. TRL takes the response limit.',
    advanced: true,
  }),
  mask_truncated_completions: flag(false, {
    label: 'Leave out truncated responses',
    help: 'A response cut at the limit carries no loss (the study’s ORM).',
  }),
  entropy_coef: number(0, 10, 0, {
    label: 'Entropy bonus',
    help: 'Weight of the entropy in the loss. Too large destabilises, too small only delays the collapse.',
    step: 0.001,
  }),
  use_adaptive_entropy: flag(false, {
    label: 'Adaptive entropy bonus',
    help: 'Raises the bonus by a step while the entropy is below its target, lowers it while above.',
    advanced: true,
  }),
  entropy_target: number(0, 20, 0.2, {
    label: 'Entropy target',
    unit: 'nats',
    help: 'Of the adaptive bonus.',
    step: 0.05,
    advanced: true,
  }),
  entropy_coef_delta: number(0, 1, 0.005, {
    label: 'Entropy bonus step',
    help: 'How much the adaptive bonus changes a step.',
    step: 0.001,
    advanced: true,
  }),
  top_entropy_quantile: number(0.01, 1, 1, {
    label: 'Top-entropy tokens',
    help: 'Share of the tokens, those of highest entropy, that carry the policy loss. 1 is all.',
    step: 0.05,
    advanced: true,
  }),
});

export const klSection = section('KL', {
  schedule: choice(['none', 'fixed', 'linear', 'cosine', 'adaptive', 'as_released'], 'none', {
    label: 'KL schedule',
    help: 'fixed: β throughout. linear, cosine: from β to its end over the horizon. adaptive: moves β to hold the KL at a target. as_released: the study’s code, which adds the constant twice: from 2β to β.',
  }),
  beta: number(0, 10, 0.001, {
    label: 'KL coefficient β',
    help: 'Weight of the KL to the reference (the model before the first RL step).',
    step: 0.001,
  }),
  beta_end: number(0, 10, 0, {
    label: 'β at the end',
    help: 'Where linear and cosine annealing end.',
    step: 0.001,
    advanced: true,
  }),
  horizon: integer(0, 1_000_000, 0, {
    label: 'KL horizon',
    unit: 'steps',
    help: 'Steps over which β is annealed; 0 is all RL steps. For adaptive: samples, usually 10,000.',
    advanced: true,
  }),
  target: number(0.0001, 100, 0.1, {
    label: 'KL target',
    unit: 'nats',
    help: 'Of the adaptive schedule.',
    step: 0.01,
    advanced: true,
  }),
  estimator: choice(['k1', 'k2', 'k3'], 'k3', {
    label: 'KL estimator',
    help: 'Of log-prob minus the reference’s: k1 itself, k2 half its square, k3 exp(−k1) − 1 + k1. In the loss k1 has no gradient on average.',
    advanced: true,
  }),
  placement: choice(['loss', 'reward', 'both'], 'loss', {
    label: 'KL in',
    help: 'loss: a term of its own (GRPO). reward: taken off the reward (PPO). both counts it twice.',
    advanced: true,
  }),
  ref_model_sync_steps: integer(0, 1_000_000, 0, {
    label: 'Refresh reference every',
    unit: 'steps',
    help: 'The reference becomes the current policy every so many steps; 0 is never.',
    advanced: true,
  }),
});

export const strategySection = section('Learning strategy', {
  mini_batches: integer(1, 1024, 1, {
    label: 'Mini-batches',
    unit: 'updates',
    help: 'Updates a batch of rollouts is split into. 1 is on-policy.',
  }),
  num_iterations: integer(1, 64, 1, {
    label: 'Epochs',
    help: 'Times each batch of rollouts is used. 1 is on-policy.',
  }),
  replay_steps: integer(0, 1000, 0, {
    label: 'Replay buffer',
    unit: 'steps',
    help: 'Rollouts of so many past steps are kept to learn from again; 0 is on-policy.',
  }),
  replay_ratio: number(0, 16, 1, {
    label: 'Replayed share',
    help: 'Groups replayed in each step, as a multiple of the fresh ones.',
    step: 0.25,
    advanced: true,
  }),
});
