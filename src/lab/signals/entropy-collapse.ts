import { change, meanOf, seriesOf, spell, windows } from './series';
import type { Rule } from './types';
import { fromTo } from './words';

const WINDOW = 3;
/** Healthy runs keep more than a third of their entropy through all of their steps. */
const SMALL_SHARE = 0.25;
/** Later than this a low entropy may be what was to be learnt. */
const EARLY_STEPS = 40;
/** Nats: below this there is nothing to fall from. */
const LEAST_START = 0.01;

export const entropyCollapse: Rule = {
  id: 'entropy-collapse',
  title: 'Entropy collapse',
  severity: 'warning',
  charts: ['entropy'],
  study:
    'Entropy falls early in every run; when it is spent, exploration ends. An entropy bonus that is too small only delays it, one that is too large destabilises (Figure 9).',
  advice: [
    {
      settings: ['rollout.temperature'],
      text: 'Sample hotter: 1.2 was best as long as the text stayed sensible.',
    },
    {
      settings: ['objective.entropy_coef', 'objective.use_adaptive_entropy'],
      text: 'Add a small entropy bonus, or the adaptive one.',
    },
    {
      settings: ['objective.epsilon_high'],
      text: 'Clip higher (0.28), so that unlikely tokens may gain; it matters off-policy.',
    },
    {
      settings: ['optimizer.learning_rate', 'strategy.num_iterations'],
      text: 'Take smaller or fewer updates.',
    },
  ],
  detect(metrics) {
    const series = seriesOf(metrics, 'entropy');
    if (series.points.length < 2 * WINDOW) return [];
    const start = meanOf(series, 0, WINDOW - 1);
    if (start.value < LEAST_START) return [];
    const means = windows(series, WINDOW);
    const isLow = (m: { value: number }) => m.value < SMALL_SHARE * start.value;
    const low = spell(means, isLow);
    if (!low || low.first.to - start.from > EARLY_STEPS) return [];
    const fall = change(series, start, low.last);
    const share = Math.round((100 * low.first.value) / start.value);
    return [
      {
        step: low.first.from,
        ...(low.over && { endStep: low.last.to }),
        evidence: [fall],
        sentence: `Entropy fell to ${share}% of its start within ${low.first.to - start.from} steps: ${fromTo(fall, 'nats')}.`,
      },
    ];
  },
};
