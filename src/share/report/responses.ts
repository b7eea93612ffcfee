/** What the model wrote. */
import { groupBy } from '../../groupBy';
import type { RolloutRecord } from '../../store/types';
import { escape, section } from './html';

/** Of the last training step. */
const SHOWN_ROLLOUTS = 12;

/** The watched questions, answered at the first evaluation and at the last. */
export function thenAndNow(watch: readonly RolloutRecord[]): string {
  const steps = [...groupBy(watch, ({ step }) => step).entries()];
  if (steps.length === 0) return '';
  const [[, first], [lastStep, last]] = [steps[0], steps[steps.length - 1]];
  const now = new Map(last.map((rollout) => [rollout.problemId, rollout]));
  const pairs = first.map((then) => {
    const later = lastStep === then.step ? undefined : now.get(then.problemId);
    return `<h3><code>${escape(then.prompt)}</code></h3>\n<div class="pair">${answer(then)}${later ? answer(later) : ''}</div>`;
  });
  return section('The same questions, then and now', [
    '<p class="muted">Greedy answers to held-out questions.</p>',
    ...pairs,
  ]);
}

/** Some responses of the last training step. */
export function rolloutSection(train: readonly RolloutRecord[]): string {
  const last = train.at(-1)?.step;
  const latest = train.filter(({ step }) => step === last);
  const some = latest.slice(0, SHOWN_ROLLOUTS);
  return section(
    `Responses of step ${last ?? 0}`,
    some.length === 0
      ? []
      : [
          `<p class="muted">The first ${some.length} of ${latest.length}.</p>`,
          ...some.map((rollout) => `<h3><code>${escape(rollout.prompt)}</code></h3>\n${answer(rollout)}`),
        ],
  );
}

function answer({ step, length, correct, finished, reward, kind, response, verdict }: RolloutRecord): string {
  const outcome = correct ? 'right' : finished ? 'wrong' : 'cut off';
  const facts = [
    `step ${step}`,
    `${length} tokens`,
    ...(kind === 'train' ? [`reward ${reward.toFixed(2)}`] : []),
  ];
  return `<div><span class="muted">${escape(facts.join(' · '))}</span> <strong class="${correct ? 'good' : 'bad'}">${outcome}</strong>
<pre>${escape(response)}</pre>
<p class="muted">${escape(verdict)}</p></div>`;
}
