import { useMemo, useState } from 'react';
import type { RolloutRecord } from '../../store/types';
import { groupBy } from '../../groupBy';
import { MathsText } from '../maths/MathsText';
import { useLab } from '../state/context';
import { Highlighted, KeywordLegend } from './Highlighted';
import { Outcome } from './RolloutCard';

const NONE: RolloutRecord[] = [];

/** The watched problems: the same question answered before training and at a later evaluation, side by side. */
export function ThenAndNow() {
  const watch = useLab((lab) => lab.open?.watch ?? NONE);
  const [chosen, setChosen] = useState<number | null>(null);
  const byStep = useMemo(() => groupBy(watch, (r) => r.step), [watch]);
  const steps = [...byStep.keys()];
  if (steps.length === 0)
    return (
      <p className="muted pad">
        A few held-out questions are answered at every evaluation. Their answers appear here after the first
        one.
      </p>
    );
  const first = steps[0];
  const now = chosen ?? steps[steps.length - 1];
  const before = byStep.get(first) ?? NONE;
  const after = new Map((byStep.get(now) ?? NONE).map((r) => [r.problemId, r]));
  const right = (list: Iterable<RolloutRecord>) => [...list].filter((r) => r.correct).length;

  return (
    <section aria-label="Then and now">
      <div className="toolbar">
        <label>
          Compare step {first} with step{' '}
          <select
            value={now}
            onChange={(event) =>
              setChosen(
                Number(event.target.value) === steps[steps.length - 1] ? null : Number(event.target.value),
              )
            }
          >
            {steps.map((step) => (
              <option key={step} value={step}>
                {step}
              </option>
            ))}
          </select>
        </label>
        <span className="muted">
          {right(before)} of {before.length} right then, {right(after.values())} of {after.size} now; greedy
          answers to held-out questions
        </span>
        <KeywordLegend />
      </div>
      <ol className="pairs-list">
        {before.map((then) => (
          <li key={then.problemId} className="then-now">
            <h3>
              <code>
                <MathsText text={then.prompt} />
              </code>
            </h3>
            <Answer rollout={then} step={first} />
            {now === first ? (
              <div className="answer muted">The next evaluation’s answer appears here.</div>
            ) : (
              <Answer rollout={after.get(then.problemId)} step={now} />
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Answer({ rollout, step }: { rollout: RolloutRecord | undefined; step: number }) {
  if (!rollout) return <div className="answer muted">Not answered at step {step}.</div>;
  return (
    <div className="answer" data-correct={rollout.correct}>
      <header>
        <span className="muted">
          step {step} · {rollout.length} tokens
        </span>
        <Outcome rollout={rollout} />
      </header>
      <Highlighted text={rollout.response} />
      <p className="verdict">{rollout.verdict}</p>
    </div>
  );
}
