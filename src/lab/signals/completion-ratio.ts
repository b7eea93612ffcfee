import { PROBABLY, SURELY, change, isAbove, meanOf, seriesOf, spell, windows } from './series';
import type { Rule } from './types';
import { fromTo, worded } from './words';

const WINDOW = 5;
/** A cut response earns nothing whatever it holds: below this one in five is lost. */
const LOW = 0.8;
/** Less may be the price of longer reasoning. */
const FALL = 0.1;

export const completionRatio: Rule = {
  id: 'completion-ratio',
  title: 'Truncated responses',
  severity: 'warning',
  charts: ['completion_ratio'],
  study:
    'The share of responses that end before the limit is one of its health lines: rewarding length lowered it, and the 32B run raised the limit in stages (sections 3.2 and 4.2).',
  advice: [
    {
      settings: ['rollout.max_completion_length', 'rollout.context_stages'],
      text: 'Raise the response limit, at once or in stages.',
    },
    {
      settings: ['objective.mask_truncated_completions'],
      text: 'Leave truncated responses out of the update.',
    },
    { settings: ['reward.overlong'], text: 'Take a penalty off responses close to the limit.' },
    {
      settings: ['optimizer.learning_rate'],
      text: 'If the text falls apart as well, lower the learning rate.',
    },
  ],
  detect(metrics, sizes) {
    const series = seriesOf(metrics, 'completion_ratio', sizes.step);
    if (series.points.length < WINDOW) return [];
    const start = meanOf(series, 0, WINDOW - 1);
    const means = windows(series, WINDOW);
    const low = spell(
      means,
      (m) =>
        m.value + PROBABLY * m.error < LOW || (start.value - m.value > FALL && isAbove(start, m, SURELY)),
    );
    if (!low) return [];
    const fall = change(series, start, low.last);
    const sentence =
      start.value - low.last.value > FALL
        ? `The share of responses that end before the limit fell ${fromTo(fall)}.`
        : `Only ${worded(series.metric, low.last.value)} of the responses end before the limit (steps ${low.last.from} to ${low.last.to}).`;
    return [{ step: low.first.from, ...(low.over && { endStep: low.last.to }), evidence: [fall], sentence }];
  },
};
