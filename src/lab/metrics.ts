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

/**
 * Every metric the runner writes. Evaluation metrics repeat under `eval/greedy/` and `eval/sampled/`, and for each further set
 * that the experiment is evaluated on under `eval/{set}/greedy/` and `eval/{set}/sampled/`.
 */
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
  accuracy_low: share('Accuracy, low', 'Lower end of the accuracy’s 95 % interval over problems.'),
  accuracy_high: share('Accuracy, high', 'Upper end of the accuracy’s 95 % interval over problems.'),
  'completions/mean_length': {
    label: 'Response length',
    unit: 'tokens',
    help: 'Mean completion length, end-of-sequence token included; results of calls are not.',
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
  'tools/call_frequency': {
    label: 'Calls a response',
    unit: 'calls',
    help: 'Mean number of calls of the interpreter in a response.',
    range: [0, undefined],
  },
  'tools/calling_ratio': share('Responses with a call', 'Share of responses with at least one call.'),
  'tools/failure_frequency': share(
    'Failed calls',
    'Share of the calls that ended in an error or were not made.',
  ),
  'tools/timeout_frequency': share('Timed-out calls', 'Share of the calls that were stopped for their time.'),
  'tools/accuracy_with_call': share(
    'Accuracy with a call',
    'Share of right answers among responses with a call.',
  ),
  'tools/accuracy_without_call': share(
    'Accuracy without a call',
    'Share of right answers among responses without a call.',
  ),
  'tools/result_length': {
    label: 'Length of results',
    unit: 'tokens',
    help: 'Mean number of tokens that the results of its calls take up in a response. They are not learnt and no part of its length.',
  },
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
  kl: {
    label: 'KL to reference',
    unit: 'nats',
    help: 'Mean over tokens of the KL estimate between the policy and the reference.',
  },
  'actor/kl_coef': { label: 'KL coefficient', unit: '', help: 'β of this step.', range: [0, undefined] },
  'actor/ppo_kl': {
    label: 'KL to sampling policy',
    unit: 'nats',
    help: 'Mean of old log-prob − log-prob over the step’s updates: how far off-policy they were.',
  },
  'actor/entropy_coeff': {
    label: 'Entropy bonus',
    unit: '',
    help: 'Weight of the entropy in this step’s loss.',
    range: [0, undefined],
  },
  updates: { label: 'Updates', unit: '', help: 'Gradient steps taken on this step’s rollouts.' },
  'replay/groups': { label: 'Replayed groups', unit: '', help: 'Groups of past steps learnt from again.' },
  'replay/age_mean': { label: 'Replay age', unit: 'steps', help: 'Mean age of the replayed groups.' },
  'sampling/learnt_ratio': share(
    'Learnt from',
    'Share of the sampled responses that took part in the update.',
  ),
  'sft/loss': {
    label: 'SFT loss',
    unit: 'nats',
    help: 'Mean cross-entropy of the demonstrations’ completion tokens.',
    range: [0, undefined],
  },
  'sft/token_accuracy': share(
    'SFT token accuracy',
    'Share of the demonstrations’ completion tokens that the model finds likeliest.',
  ),
  'sft/examples': { label: 'Demonstrations', unit: '', help: 'Demonstrations that SFT learns from.' },
  'sft/too_long': {
    label: 'Too long',
    unit: '',
    help: 'Demonstrations left out because they exceed the longest prompt and the response limit, or make more calls than a response may.',
  },
  'sft/yield': share('Yield', 'Share of the sampled responses that rejection sampling kept.'),
  learning_rate: { label: 'Learning rate', unit: '', help: 'Learning rate of this step, warm-up included.' },
  'clip_ratio/low_mean': share(
    'Clipped low',
    'Share of tokens of bad responses whose ratio fell below 1 − ε.',
  ),
  'clip_ratio/high_mean': share(
    'Clipped high',
    'Share of tokens of good responses whose ratio rose above 1 + ε.',
  ),
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
  num_tokens: {
    label: 'Tokens',
    unit: 'tokens',
    help: 'Completion tokens so far: learnt from in SFT steps, sampled in RL steps.',
  },
  tokens_per_second: {
    label: 'Sampling rate',
    unit: 'tokens/s',
    help: 'Completion tokens sampled per second of rollout.',
  },
  'data/kept': {
    label: 'Questions kept',
    unit: '',
    help: 'Training questions that the difficulty filter kept.',
  },
  'data/too_easy': {
    label: 'Too easy',
    unit: '',
    help: 'Measured training questions that the base model is right on too often.',
  },
  'data/too_hard': {
    label: 'Too hard',
    unit: '',
    help: 'Measured training questions that the base model is right on too seldom.',
  },
  'time/filter': { label: 'Filter time', unit: 's', help: 'Seconds spent measuring difficulty.' },
  'time/rollout': { label: 'Rollout time', unit: 's', help: 'Seconds spent sampling.' },
  'time/update': { label: 'Update time', unit: 's', help: 'Seconds spent on forward, backward and AdamW.' },
  'time/eval': { label: 'Evaluation time', unit: 's', help: 'Seconds spent evaluating.' },
};

/** The reward terms, by name; the mean of each is `rewards/{name}/mean` when a run has more than one. */
export const REWARD_TERMS: Record<string, string> = {
  output: 'Right or wrong',
  format: 'Zero format',
  length: 'Length (RRL)',
  actions: 'Actions (RRA)',
  overlong: 'Overlong penalty',
  tool_cost: 'Cost of calls',
  custom: 'Own reward',
  kl: 'KL penalty',
};
for (const [name, label] of Object.entries(REWARD_TERMS))
  METRICS[`rewards/${name}/mean`] = {
    label,
    unit: '',
    help: `Mean over the step’s rollouts of what “${label}” earned.`,
  };

METRICS['rewards/custom/failed'] = share(
  'Own reward failed',
  'Share of the step’s responses for which the own reward function gave no number; they earn 0 from it.',
);

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
  'tools/call_frequency',
  'tools/calling_ratio',
  'tools/failure_frequency',
  'tools/accuracy_with_call',
  'tools/accuracy_without_call',
] as const;

/** The name of an evaluation's metric on a further set. @param name `eval/greedy/…` or `eval/sampled/…` */
export const evalName = (name: string, set: string | undefined): string =>
  set === undefined ? name : name.replace(/^eval\//, `eval/${set}/`);

/** The further sets that these runs were evaluated on, in the order of their metrics. */
export function furtherSets(runs: readonly (readonly StepMetrics[])[]): string[] {
  const names = new Set(runs.flat().flatMap(Object.keys));
  const sets = [...names].flatMap((name) => /^eval\/([^/]+)\/greedy\/accuracy$/.exec(name)?.[1] ?? []);
  return [...new Set(sets)];
}

/** Metrics that depend on the machine: excluded when two runs are compared bit for bit. */
export const isTiming = (name: string): boolean => name.startsWith('time/') || name === 'tokens_per_second';

/** What the difficulty filter did, from the line of step 0; undefined where there was none. */
export function filterSentence(metrics: Readonly<Record<string, number>>): string | undefined {
  const { 'data/kept': kept, 'data/too_easy': tooEasy, 'data/too_hard': tooHard } = metrics;
  if (kept === undefined) return undefined;
  return `The difficulty filter kept ${kept} of ${kept + tooEasy + tooHard} training questions: ${tooEasy} were too easy, ${tooHard} too hard for the base model.`;
}
