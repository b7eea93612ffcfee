/** What a run's curves tell: the failure signatures of the study (arXiv 2503.04548), and a few of practice. */
import type { StepMetrics } from '../metrics';
import { readExperiment } from '../schema';
import { completionRatio } from './completion-ratio';
import { entropyCollapse } from './entropy-collapse';
import { explodingGradient } from './exploding-gradient';
import { explodingKl } from './exploding-kl';
import { lengthDrift } from './length-drift';
import { mismatch } from './mismatch';
import { plateau } from './plateau';
import { rewardHacking } from './reward-hacking';
import { sampleSizes } from './series';
import type { Rule, SampleSizes, Signal } from './types';
import { zeroVariance } from './zero-variance';

export type { Advice, Change, Finding, Rule, SampleSizes, Severity, Signal } from './types';
export { worded } from './words';

export const RULES: readonly Rule[] = [
  rewardHacking,
  lengthDrift,
  entropyCollapse,
  completionRatio,
  plateau,
  zeroVariance,
  explodingGradient,
  explodingKl,
  mismatch,
];

/**
 * What the rules find in a run so far, by the step at which it starts.
 * @param metrics ascending by step; values may be missing, NaN or infinite
 * @param sizes what is known of the responses behind each share; few are assumed otherwise
 */
export function findSignals(metrics: readonly StepMetrics[], sizes: Partial<SampleSizes> = {}): Signal[] {
  const rl = afterColdStart(metrics);
  const complete = sampleSizes(rl, sizes);
  return RULES.flatMap(({ detect, ...rule }) =>
    detect(rl, complete).map((finding) => ({ ...rule, ...finding })),
  ).sort((a, b) => a.step - b.step);
}

/** The RL part of a run. Of the last SFT step only the evaluation counts: its gradient is that of another loss. */
function afterColdStart(metrics: readonly StepMetrics[]): readonly StepMetrics[] {
  const last = metrics.findLastIndex((m) => 'sft/loss' in m);
  if (last < 0) return metrics;
  const evaluation = Object.entries(metrics[last]).filter(
    ([name]) => name === 'num_tokens' || name.startsWith('eval/'),
  );
  return [{ step: metrics[last].step, ...Object.fromEntries(evaluation) }, ...metrics.slice(last + 1)];
}

/** How many responses an evaluation of this experiment has; nothing of a document that cannot be read. */
export function evaluationSizes(experiment: unknown): Partial<SampleSizes> {
  const evaluation = readExperiment(experiment)?.evaluation;
  return evaluation
    ? { greedy: evaluation.problems, sampled: evaluation.problems * evaluation.num_samples }
    : {};
}
