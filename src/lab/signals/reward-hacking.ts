import { curvesOf, isWithoutGain, partingOf, rose, type Parting } from './parting';
import { LIKELY, change, isAbove, mean, mostGain, seriesOf } from './series';
import type { Rule } from './types';
import { fromTo, values } from './words';

/** Of the spread within groups: less is too little to be what the policy learns. */
const LEAST_RISE = 0.25;
/** Where no spread is recorded: a reward of 0 or 1 has less than this. */
const UNKNOWN_SPREAD = 0.5;
/** A reward that rises with the accuracy of the training problems is earned, not hacked. */
const GAIN = 0.1;
/** Less than this share of the gain on training problems carries over: they are remembered. */
const CARRIED_OVER = 0.5;

/** Right answers to the training problems become more, those to held-out ones hardly, and stay behind. */
const isMemorised = ({ heldOut, train }: Parting): boolean =>
  isAbove(train[1], train[0], LIKELY) &&
  isAbove(train[1], heldOut[1], LIKELY) &&
  train[1].value - heldOut[1].value > GAIN &&
  mostGain(...heldOut, LIKELY) < CARRIED_OVER * (train[1].value - train[0].value);

export const rewardHacking: Rule = {
  id: 'reward-hacking',
  title: 'Reward hacking',
  severity: 'alarm',
  charts: ['reward', 'eval/sampled/accuracy'],
  study:
    'Rewarding length or reflection words made responses longer and not better: accuracy fell with all of them but the action reward (section 4.2). Length has to arise by itself.',
  advice: [
    {
      settings: ['reward.length', 'reward.actions', 'reward.custom'],
      text: 'Turn shaped rewards off, or make them small beside the right answer.',
    },
    { settings: ['reward.output'], text: 'Pay for the right answer alone.' },
    {
      settings: ['kl.schedule', 'kl.beta'],
      text: 'Hold the policy near the reference with a KL term, annealed by the cosine.',
    },
  ],
  detect(metrics, sizes) {
    const curves = curvesOf(metrics, 'reward', sizes);
    if (!curves) return [];
    const spread = mean(seriesOf(metrics, 'reward_std').points.map((p) => p.value)) || UNKNOWN_SPREAD;
    const parting = partingOf(
      curves,
      (p) => rose(p.risen, LEAST_RISE * spread) && (isWithoutGain(p, GAIN) || isMemorised(p)),
    );
    if (!parting) return [];
    const reward = change(curves.risen, ...parting.risen);
    const heldOut = change(curves.heldOut, ...parting.heldOut);
    const train = change(curves.train, ...parting.train);
    const why = isMemorised(parting)
      ? `accuracy on the training problems rose ${values(train)}, so they are remembered and little carries over`
      : `accuracy on the training problems went ${values(train)}, so the reward pays for something else`;
    return [
      {
        step: heldOut.from.step,
        ...(parting.over && { endStep: heldOut.to.step }),
        evidence: [reward, heldOut, train],
        sentence: `Reward rose ${fromTo(reward)} while held-out accuracy went ${values(heldOut)}; ${why}.`,
      },
    ];
  },
};
