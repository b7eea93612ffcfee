/** What the runs of a comparison say, in numbers and in words computed from them. */
import { evalName, furtherSets, type StepMetrics } from '../metrics';
import { differenceInterval, meanInterval, type Interval } from '../../statistics';
import type { Comparison, Finding } from './types';

/** Metrics of the runs of one arm, one list a seed. */
export interface ArmRuns {
  arm: string;
  runs: readonly (readonly StepMetrics[])[];
}

export interface EndMetric {
  metric: string;
  label: string;
  /** Shown as percent. */
  share: boolean;
}

/** What is compared at the end of the runs. */
export const END_METRICS: readonly EndMetric[] = [
  { metric: 'eval/greedy/accuracy', label: 'Accuracy, greedy', share: true },
  { metric: 'eval/sampled/accuracy', label: 'Accuracy, sampled', share: true },
  { metric: 'eval/sampled/mean_length', label: 'Length, tokens', share: false },
  { metric: 'eval/sampled/completion_ratio', label: 'Completion ratio', share: true },
  { metric: 'eval/sampled/keywords/any', label: 'Reflection', share: true },
  { metric: 'entropy', label: 'Entropy, nats', share: false },
];

/** Compared as well where a run has it. */
const CALLS: EndMetric = {
  metric: 'eval/sampled/tools/call_frequency',
  label: 'Calls a response',
  share: false,
};

/** What is compared of these runs: the metrics above, and the accuracy on each further set. */
export const endMetrics = (arms: readonly Pick<ArmRuns, 'runs'>[]): readonly EndMetric[] => [
  ...END_METRICS,
  ...(arms.some(({ runs }) => endValues(runs, CALLS.metric).length) ? [CALLS] : []),
  ...furtherSets(arms.flatMap(({ runs }) => runs)).flatMap((set) =>
    END_METRICS.slice(0, 2).map((end) => ({
      ...end,
      metric: evalName(end.metric, set),
      label: `${set}: ${end.label}`,
    })),
  ),
];

/** The newest value of a metric in each run that has one. */
export const endValues = (runs: ArmRuns['runs'], metric: string): number[] =>
  runs.flatMap((run) => {
    const value = run.findLast((m) => Number.isFinite(m[metric]))?.[metric];
    return value === undefined ? [] : [value];
  });

export const endInterval = (runs: ArmRuns['runs'], metric: string): Interval =>
  meanInterval(endValues(runs, metric));

export type Agreement = 'agrees' | 'disagrees' | 'undecided';

export interface Judgement {
  finding: Finding;
  agreement: Agreement;
  /** higher − lower. */
  difference: Interval;
  sentence: string;
}

/** Holds a result against what the paper found: decided only where the interval of the difference excludes 0. */
export function judgeFinding(finding: Finding, arms: readonly ArmRuns[]): Judgement {
  const values = (name: string) =>
    endValues(arms.find(({ arm }) => arm === name)?.runs ?? [], finding.metric);
  const difference = differenceInterval(values(finding.higher), values(finding.lower));
  const agreement = difference.low > 0 ? 'agrees' : difference.high < 0 ? 'disagrees' : 'undecided';
  const { label, share } = END_METRICS.find(({ metric }) => metric === finding.metric) ?? {
    label: finding.metric,
    share: false,
  };
  const amount = `${signed(difference.mean, share)} (95 % interval ${interval(difference, share, signed)})`;
  const result = `${label}: ${finding.higher} minus ${finding.lower} is ${amount}`;
  const words = {
    agrees: 'As the paper found',
    disagrees: 'Against the paper',
    undecided: 'Not decided by these runs',
  };
  return {
    finding,
    agreement,
    difference,
    sentence: `${words[agreement]}. ${result}. Paper: ${finding.paper}`,
  };
}

/** The best arm by sampled accuracy, and which others it is ahead of beyond doubt. */
export function leadSentence(comparison: Comparison, arms: readonly ArmRuns[]): string {
  const metric = 'eval/sampled/accuracy';
  const ranked = arms
    .map(({ arm, runs }) => ({ arm, values: endValues(runs, metric) }))
    .filter(({ values }) => values.length > 0)
    .map((entry) => ({ ...entry, mean: meanInterval(entry.values).mean }))
    .sort((a, b) => b.mean - a.mean);
  if (ranked.length === 0) return 'No run has reached an evaluation yet.';
  const [best, ...others] = ranked;
  const reached = `${best.arm} ends with the highest sampled accuracy, ${percent(best.mean)} over ${runsText(best.values.length)}`;
  if (comparison.arms.length < 2)
    return `The arm “${best.arm}” ends with a sampled accuracy of ${percent(best.mean)} over ${runsText(best.values.length)}.`;
  const beaten = others.filter(({ values }) => differenceInterval(best.values, values).low > 0);
  const level = others.filter((other) => !beaten.includes(other));
  if (beaten.length === 0)
    return `${reached}, but by no more than chance could explain: the arms are not told apart.`;
  const ahead = `ahead of ${names(beaten)}`;
  return level.length
    ? `${reached}, ${ahead}; from ${names(level)} it is not told apart.`
    : `${reached}, ${ahead}.`;
}

const names = (arms: readonly { arm: string }[]): string => arms.map(({ arm }) => arm).join(', ');
const runsText = (n: number): string => (n === 1 ? 'one run' : `${n} runs`);
const percent = (x: number): string => `${(100 * x).toFixed(1)} %`;

/** A value as the tables show it. */
export const shown = (x: number, share: boolean): string =>
  !Number.isFinite(x) ? '–' : share ? (100 * x).toFixed(1) : x.toFixed(Math.abs(x) < 10 ? 2 : 1);

const signed = (x: number, share: boolean): string =>
  `${x >= 0 ? '+' : '−'}${shown(Math.abs(x), share)}${share ? ' points' : ''}`;

/** “low to high”, or that one run has none. */
export function interval(
  { low, high }: Interval,
  share: boolean,
  format: (x: number, share: boolean) => string = shown,
): string {
  return Number.isFinite(low) ? `${format(low, share)} to ${format(high, share)}` : 'none from one run';
}
