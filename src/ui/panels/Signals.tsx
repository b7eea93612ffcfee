import type { Advice, Change, Signal } from '../../lab/signals';
import { metricInfo } from '../charts/rows';
import { formatValue } from '../format';
import type { Curves } from '../state/signals';

/** What the curves tell: each signal with its evidence, what the study says of it and what to try. */
export function Signals({ curves: { metrics, signals } }: { curves: Curves }) {
  const last = metrics.at(-1);
  if (!last) return null;
  return (
    <section className="signals" aria-labelledby="signals-title">
      <header>
        <h3 id="signals-title">Signals</h3>
        <span className="muted" role="status">
          {signals.length === 0
            ? `Nothing noticed up to step ${last.step}.`
            : `${signals.length} noticed; their numbers mark them in the curves.`}
        </span>
      </header>
      {signals.length > 0 && (
        <ol>
          {signals.map((signal, i) => (
            <SignalItem key={`${signal.id} ${signal.evidence[0].metric}`} number={i + 1} signal={signal} />
          ))}
        </ol>
      )}
    </section>
  );
}

function SignalItem({ number, signal }: { number: number; signal: Signal }) {
  const { title, severity, step, endStep, sentence, evidence, study, advice } = signal;
  return (
    <li>
      <details>
        <summary>
          <span className={`flag ${severity}`} aria-hidden="true">
            {number}
          </span>
          <span className="signal-head">
            <strong>{title}</strong>
            <span className={`pill ${severity}`}>{severity}</span>
            <span className="muted">
              {endStep === undefined ? `from step ${step}` : `steps ${step} to ${endStep}`}
            </span>
            <span className="signal-more" />
          </span>
          <span className="signal-sentence">{sentence}</span>
        </summary>
        <dl>
          <div>
            <dt>What to try</dt>
            <dd>
              <ul>
                {advice.map((a) => (
                  <AdviceItem key={a.text} {...a} />
                ))}
              </ul>
            </dd>
          </div>
          <div>
            <dt>The study</dt>
            <dd>{study}</dd>
          </div>
          <div>
            <dt>Evidence</dt>
            <dd>
              <ul>
                {evidence.map((change) => (
                  <li key={change.metric}>{evidenceText(change)}</li>
                ))}
              </ul>
            </dd>
          </div>
        </dl>
      </details>
    </li>
  );
}

function AdviceItem({ text, settings }: Advice) {
  return (
    <li>
      {text}{' '}
      {settings.map((setting) => (
        <code key={setting}>{setting}</code>
      ))}
    </li>
  );
}

function evidenceText({ metric, from, to }: Change): string {
  const { label, unit } = metricInfo(metric);
  const mode = /^eval\/(greedy|sampled)\//.exec(metric)?.[1];
  const name = mode ? `${label}, ${mode} evaluation` : label;
  return `${name}: ${formatValue(from.value, unit)} at step ${from.step}, ${formatValue(to.value, unit)} at step ${to.step}`;
}
