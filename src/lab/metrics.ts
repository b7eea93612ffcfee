/**
 * A step's record as it is stored, charted and printed: flat, TRL's names where TRL has one. `step` counts finished
 * updates: the line with `step: 0` holds only the evaluation before training.
 */
export interface StepMetrics {
  step: number;
  [name: string]: number;
}

export interface MetricInfo {
  label: string;
  unit: string;
  help: string;
  /** Fixed chart range; open ends are fitted to the data. */
  range?: [number | undefined, number | undefined];
}

const share = (label: string, help: string): MetricInfo => ({ label, unit: '%', help, range: [0, 1] });

/** Every metric the runner writes. Evaluation metrics repeat under `eval/greedy/` and `eval/sampled/`. */
export const METRICS: Record<string, MetricInfo> = {
  reward: { label: 'Reward', unit: '', help: 'Mean reward of the step’s rollouts.' },
  reward_std: {
    label: 'Reward std',
    unit: '',
    help: 'Mean over groups of the reward’s standard deviation within the group.',
  },
  frac_reward_zero_std: share(
    'Zero-variance groups',
    'Share of groups whose rollouts all got the same reward: they teach nothing.',
  ),
  accuracy: share('Accuracy', 'Share of rollouts with a right, finished answer.'),
  'completions/mean_length': {
    label: 'Response length',
    unit: 'tokens',
    help: 'Mean completion length, end-of-sequence token included.',
  },
  'completions/min_length': {
    label: 'Shortest response',
    unit: 'tokens',
    help: 'Shortest completion of the step.',
  },
  'completions/max_length': {
    label: 'Longest response',
    unit: 'tokens',
    help: 'Longest completion of the step.',
  },
  'completions/mean_correct_length': {
    label: 'Length of correct responses',
    unit: 'tokens',
    help: 'Mean completion length of correct responses.',
  },
  'completions/mean_wrong_length': {
    label: 'Length of wrong responses',
    unit: 'tokens',
    help: 'Mean completion length of wrong responses.',
  },
  'completions/clipped_ratio': share('Truncated', 'Share of completions cut at the token limit.'),
  completion_ratio: share(
    'Completion ratio',
    'Share of responses that end by themselves before the token limit.',
  ),
  'keywords/any': share(
    'Reflection keywords',
    'Share of responses with at least one reflection keyword of any category.',
  ),
  'keywords/verification': share('Self-verification', 'Share of responses with a self-verification keyword.'),
  'keywords/reflection': share('Self-reflection', 'Share of responses with a self-reflection keyword.'),
  'keywords/correction': share('Self-correction', 'Share of responses that revise an answer.'),
  right_equations: share(
    'Right equations',
    'Share of the equations written in the responses that are arithmetically right (health line).',
  ),
  entropy: {
    label: 'Entropy',
    unit: 'nats',
    help: 'Mean entropy of the policy over completion tokens.',
    range: [0, undefined],
  },
  grad_norm: {
    label: 'Gradient norm',
    unit: '',
    help: 'Global L2 norm of the gradient before clipping.',
    range: [0, undefined],
  },
  loss: {
    label: 'Loss',
    unit: '',
    help: 'Value of the objective; near zero on-policy while its gradient is not.',
  },
  learning_rate: { label: 'Learning rate', unit: '', help: 'Learning rate of this step, warm-up included.' },
  'clip_ratio/region_mean': share('Clipped ratios', 'Share of tokens whose importance ratio was clipped.'),
  'sampling/sampling_logp_difference/mean': {
    label: 'Sampler/trainer mismatch',
    unit: 'nats',
    help: 'Mean |log-prob by the sampler − by the trainer| over sampled tokens.',
    range: [0, undefined],
  },
  'sampling/sampling_logp_difference/max': {
    label: 'Largest mismatch',
    unit: 'nats',
    help: 'Largest |log-prob by the sampler − by the trainer|.',
    range: [0, undefined],
  },
  num_tokens: { label: 'Tokens', unit: 'tokens', help: 'Tokens sampled so far.' },
  tokens_per_second: {
    label: 'Sampling rate',
    unit: 'tokens/s',
    help: 'Completion tokens sampled per second of rollout.',
  },
  'time/rollout': { label: 'Rollout time', unit: 's', help: 'Seconds spent sampling.' },
  'time/update': { label: 'Update time', unit: 's', help: 'Seconds spent on forward, backward and AdamW.' },
  'time/eval': { label: 'Evaluation time', unit: 's', help: 'Seconds spent evaluating.' },
};

/** Metrics of one evaluation mode; found as `eval/greedy/${name}` and `eval/sampled/${name}`. */
export const EVAL_METRICS = [
  'accuracy',
  'mean_length',
  'completion_ratio',
  'keywords/any',
  'keywords/verification',
  'keywords/reflection',
  'keywords/correction',
  'right_equations',
] as const;

/** Metrics that depend on the machine: excluded when two runs are compared bit for bit. */
export const isTiming = (name: string): boolean => name.startsWith('time/') || name === 'tokens_per_second';
