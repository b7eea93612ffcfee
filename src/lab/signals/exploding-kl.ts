import { change, seriesOf, spell, windows } from './series';
import type { Finding, Rule } from './types';
import { fromTo } from './words';

const WINDOW = 3;
/** Nats a token. Twenty healthy steps of the tiny model stay below 0.01; at 1 a sampled token is e times likelier than before. */
const FAR_FROM_REFERENCE = 1;
/** Nats a token between the policy that sampled and the one that learns; PPO's usual target is 0.01 to 0.05. */
const FAR_FROM_SAMPLER = 0.1;

export const explodingKl: Rule = {
  id: 'exploding-kl',
  title: 'Exploding KL',
  severity: 'alarm',
  charts: ['kl', 'actor/ppo_kl'],
  study:
    'A KL term annealed by the cosine from 1e-3 to 0 was best: responses of about 2,800 tokens at step 500, against 1,670 and 1,100 with the two other arms, fixed and none (section 3.1).',
  advice: [
    { settings: ['optimizer.learning_rate'], text: 'Lower the learning rate by three to ten times.' },
    {
      settings: ['kl.schedule', 'kl.beta', 'kl.target'],
      text: 'Anneal β by the cosine, or let the adaptive schedule hold the KL at a target.',
    },
    {
      settings: ['strategy.num_iterations', 'strategy.mini_batches', 'strategy.replay_steps'],
      text: 'If it is the KL to the sampler: take fewer updates from each batch of rollouts.',
    },
  ],
  detect: (metrics) =>
    [
      { metric: 'kl', limit: FAR_FROM_REFERENCE, whom: 'the reference' },
      { metric: 'actor/ppo_kl', limit: FAR_FROM_SAMPLER, whom: 'the policy that sampled' },
    ].flatMap(({ metric, limit, whom }): Finding[] => {
      const broken = metrics.find((m) => m[metric] !== undefined && !Number.isFinite(m[metric]));
      const series = seriesOf(metrics, metric);
      const means = windows(series, WINDOW);
      const far = spell(means, (m) => Math.abs(m.value) > limit);
      if (far) {
        const evidence = change(series, means[0], far.last);
        return [
          {
            step: far.first.from,
            ...(far.over && { endStep: far.last.to }),
            evidence: [evidence],
            sentence: `The KL to ${whom} went ${fromTo(evidence, 'nats a token')}; ${limit} is far.`,
          },
        ];
      }
      if (!broken) return [];
      const point = { step: broken.step, value: broken[metric] };
      return [
        {
          step: point.step,
          evidence: [{ metric, from: series.points[0] ?? point, to: point }],
          sentence: `The KL to ${whom} is not finite at step ${point.step}.`,
        },
      ];
    }),
};
