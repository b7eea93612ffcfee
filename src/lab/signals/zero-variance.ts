import { PROBABLY, change, mean, seriesOf, spell, windows } from './series';
import type { Rule } from './types';
import { worded } from './words';

const WINDOW = 5;
/** More than half of the sampling is spent on nothing. */
const HIGH = 0.5;

export const zeroVariance: Rule = {
  id: 'zero-variance',
  title: 'Groups that teach nothing',
  severity: 'warning',
  charts: ['frac_reward_zero_std'],
  study:
    'It keeps only questions with a pass rate neither zero nor too high: one that all rollouts answer alike has no gradient. More rollouts a question and a higher temperature explored more (section 3.1).',
  advice: [
    { settings: ['rollout.dynamic_sampling'], text: 'Replace such groups by new ones (DAPO).' },
    {
      settings: ['rollout.temperature', 'rollout.num_generations'],
      text: 'Sample hotter, or more for each question.',
    },
    {
      settings: ['data.min_level', 'data.max_level'],
      text: 'Choose easier questions if nearly all answers are wrong, harder ones if nearly all are right.',
    },
  ],
  detect(metrics) {
    const series = seriesOf(metrics, 'frac_reward_zero_std');
    const means = windows(series, WINDOW);
    const high = spell(means, (m) => m.value - PROBABLY * m.error > HIGH);
    if (!high) return [];
    const { from, to, value } = high.last;
    const inWindow = metrics.filter((m) => m.step >= from && m.step <= to);
    const accuracy = mean(seriesOf(inWindow, 'accuracy').points.map((p) => p.value));
    const known = Number.isNaN(accuracy) ? '' : `, accuracy ${worded('accuracy', accuracy)}`;
    return [
      {
        step: high.first.from,
        ...(high.over && { endStep: high.last.to }),
        evidence: [change(series, high.first, high.last)],
        sentence: `In ${worded(series.metric, value)} of the groups all rollouts earned the same (steps ${from} to ${to}${known}).`,
      },
    ];
  },
};
