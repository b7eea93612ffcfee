import { change, seriesOf, spell, windows } from './series';
import type { Finding, Rule } from './types';
import { worded } from './words';

const MEAN = 'sampling/sampling_logp_difference/mean';
const MAX = 'sampling/sampling_logp_difference/max';
const WINDOW = 3;
/** Nats. In float32 the mean is below 1e-6; half precision gives about 1e-3. */
const LARGE_MEAN = 0.01;
/** Nats: a ratio of 1.6, outside any usual clip range, on a token that should have 1. */
const LARGE_MAX = 0.5;

export const mismatch: Rule = {
  id: 'mismatch',
  title: 'Sampler and trainer disagree',
  severity: 'alarm',
  charts: [MEAN, MAX],
  study:
    'Not studied by itself: its on-policy learning, which explored more, takes for granted that sampler and trainer are the same policy (section 3.1).',
  advice: [
    { settings: [], text: 'Run the device check: a kernel may be wrong on this adapter.' },
    {
      settings: ['rollout.temperature', 'rollout.top_k', 'rollout.top_p'],
      text: 'Sample from the whole distribution (temperature 1, top-k 0, top-p 1) and see whether it goes.',
    },
    {
      settings: ['optimizer.learning_rate'],
      text: 'If the weights have grown beyond bounds, start again lower.',
    },
  ],
  detect: (metrics) =>
    [
      { metric: MEAN, limit: LARGE_MEAN, what: 'on average' },
      { metric: MAX, limit: LARGE_MAX, what: 'at the worst token' },
    ]
      .flatMap(({ metric, limit, what }): Finding[] => {
        const series = seriesOf(metrics, metric);
        const means = windows(series, WINDOW);
        const large = spell(means, (m) => m.value > limit);
        if (!large) return [];
        const evidence = change(series, means[0], large.last);
        return [
          {
            step: large.first.from,
            ...(large.over && { endStep: large.last.to }),
            evidence: [evidence],
            sentence: `The log-probs of sampler and trainer differ by ${worded(metric, large.last.value)} nats ${what} (steps ${large.last.from} to ${large.last.to}); at most ${limit} is expected.`,
          },
        ];
      })
      .slice(0, 1),
};
