import { curvesOf, isWithoutGain, partingOf, rose } from './parting';
import { change } from './series';
import type { Rule } from './types';
import { fromTo, values } from './words';

/** Healthy runs grow by a fifth or less while their accuracy rests. */
const LONGER = 1.5;
/** Length pays where accuracy rises; a rise that may still be this large speaks against drift. */
const GAIN = 0.1;

export const lengthDrift: Rule = {
  id: 'length-drift',
  title: 'Length without accuracy',
  severity: 'warning',
  charts: ['completions/mean_length', 'eval/sampled/accuracy'],
  study:
    'In healthy runs length rises together with accuracy. Where length was rewarded or selected for, it rose alone (section 4.2).',
  advice: [
    {
      settings: ['objective.loss_type'],
      text: 'Weigh each token alike (dapo, dr_grpo): with grpo long wrong answers cost less a token.',
    },
    {
      settings: ['reward.overlong', 'reward.overlong_buffer'],
      text: 'Take a penalty off responses close to the limit.',
    },
    { settings: ['reward.length', 'reward.selection'], text: 'Leave out what favours long responses.' },
  ],
  detect(metrics, sizes) {
    const curves = curvesOf(metrics, 'completions/mean_length', sizes);
    if (!curves) return [];
    const parting = partingOf(
      curves,
      (p) => rose(p.risen, (LONGER - 1) * p.risen[0].value) && isWithoutGain(p, GAIN),
    );
    if (!parting) return [];
    const length = change(curves.risen, ...parting.risen);
    const heldOut = change(curves.heldOut, ...parting.heldOut);
    return [
      {
        step: heldOut.from.step,
        ...(parting.over && { endStep: heldOut.to.step }),
        evidence: [length, heldOut],
        sentence: `Responses grew ${fromTo(length, 'tokens')} while held-out accuracy went ${values(heldOut)}.`,
      },
    ];
  },
};
