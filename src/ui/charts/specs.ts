/** Which metrics share a chart. Colours name a role, the same in all charts; dashes tell lines apart without colour. */
import { evalName } from '../../lab/metrics';

export interface Series {
  metric: string;
  label: string;
  color:
    | 'train'
    | 'greedy'
    | 'sampled'
    | 'neutral'
    | 'correct'
    | 'wrong'
    | 'verification'
    | 'reflection'
    | 'correction';
  dash?: string;
  /** Marks each point: for values that exist only at evaluations. */
  dots?: boolean;
}

export interface ChartSpec {
  title: string;
  series: Series[];
  /** Shown only when the run has values for it. */
  optional?: boolean;
}

const train = (metric: string, label = 'train'): Series => ({ metric, label, color: 'train' });
const greedy = (metric: string): Series => ({
  metric: `eval/greedy/${metric}`,
  label: 'eval greedy',
  color: 'greedy',
  dots: true,
});
const sampled = (metric: string): Series => ({
  metric: `eval/sampled/${metric}`,
  label: 'eval sampled',
  color: 'sampled',
  dots: true,
  dash: '5 3',
});

/** The curves of the study. */
export const MAIN_CHARTS: ChartSpec[] = [
  { title: 'Accuracy', series: [train('accuracy'), greedy('accuracy'), sampled('accuracy')] },
  {
    title: 'Response length',
    series: [
      train('completions/mean_length'),
      { metric: 'completions/mean_correct_length', label: 'correct', color: 'correct', dash: '2 3' },
      { metric: 'completions/mean_wrong_length', label: 'wrong', color: 'wrong', dash: '6 3 1 3' },
      greedy('mean_length'),
      sampled('mean_length'),
    ],
  },
  {
    title: 'Reflection keywords',
    series: [
      { metric: 'keywords/any', label: 'any', color: 'neutral' },
      { metric: 'keywords/verification', label: 'verification', color: 'verification', dash: '5 3' },
      { metric: 'keywords/reflection', label: 'reflection', color: 'reflection', dash: '2 3' },
      { metric: 'keywords/correction', label: 'correction', color: 'correction', dash: '6 3 1 3' },
    ],
  },
  {
    title: 'Completion ratio',
    series: [train('completion_ratio'), greedy('completion_ratio'), sampled('completion_ratio')],
  },
  {
    title: 'Reward',
    series: [
      train('reward', 'mean'),
      { metric: 'reward_std', label: 'std in group', color: 'neutral', dash: '2 3' },
    ],
  },
  { title: 'Entropy', series: [train('entropy')] },
  {
    title: 'Calls a response',
    series: [train('tools/call_frequency'), greedy('tools/call_frequency'), sampled('tools/call_frequency')],
    optional: true,
  },
  {
    title: 'Accuracy by call',
    series: [
      { metric: 'tools/accuracy_with_call', label: 'with a call', color: 'correct' },
      { metric: 'tools/accuracy_without_call', label: 'without', color: 'wrong', dash: '6 3 1 3' },
    ],
    optional: true,
  },
];

/** How right the model is on a further set of the evaluation. */
export const furtherSetChart = (set: string): ChartSpec => ({
  title: `Accuracy on ${set}`,
  series: [greedy('accuracy'), sampled('accuracy')].map((series) => ({
    ...series,
    metric: evalName(series.metric, set),
  })),
});

/** Is the run healthy? */
export const HEALTH_CHARTS: ChartSpec[] = [
  { title: 'SFT loss', series: [train('sft/loss')], optional: true },
  { title: 'SFT token accuracy', series: [train('sft/token_accuracy')], optional: true },
  { title: 'Right equations', series: [train('right_equations')] },
  {
    title: 'Failed calls',
    series: [
      train('tools/failure_frequency', 'all failures'),
      { metric: 'tools/timeout_frequency', label: 'out of time', color: 'wrong', dash: '2 3' },
    ],
    optional: true,
  },
  { title: 'Gradient norm', series: [train('grad_norm')] },
  { title: 'Zero-variance groups', series: [train('frac_reward_zero_std')] },
  { title: 'KL to reference', series: [train('kl')], optional: true },
  { title: 'KL to sampling policy', series: [train('actor/ppo_kl')], optional: true },
  { title: 'Sampler/trainer mismatch', series: [train('sampling/sampling_logp_difference/mean')] },
  { title: 'Sampling rate', series: [train('tokens_per_second')] },
];
