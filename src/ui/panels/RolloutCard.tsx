import type { RolloutRecord } from '../../store/types';
import { formatNumber, formatValue } from '../format';
import { MathsText } from '../maths/MathsText';
import { Highlighted } from './Highlighted';
import { ToolCalls } from './ToolCalls';

const signed = (x: number) => (x > 0 ? '+' : x < 0 ? '−' : '') + formatNumber(Math.abs(x));

/** One response and everything it earned. */
export function RolloutCard({ rollout: r }: { rollout: RolloutRecord }) {
  const terms = Object.entries(r.rewards);
  return (
    <article className="rollout" data-correct={r.correct}>
      <header>
        <code>
          <MathsText text={r.prompt} />
        </code>
        <Outcome rollout={r} />
      </header>
      <Highlighted text={r.response} />
      {r.calls && <ToolCalls calls={r.calls} />}
      <p className="verdict">{r.verdict}</p>
      <dl className="facts">
        <div>
          <dt>Reward</dt>
          <dd>
            {formatNumber(r.reward)}
            {terms.length > 0 && (
              <span className="muted">
                {' '}
                ({terms.map(([name, value]) => `${name} ${formatNumber(value)}`).join(' + ')})
              </span>
            )}
          </dd>
        </div>
        <div>
          <dt>Advantage</dt>
          <dd>{signed(r.advantage)}</dd>
        </div>
        <div>
          <dt>Length</dt>
          <dd>
            {r.length} tokens
            {r.toolTokens !== undefined && <span className="muted"> and {r.toolTokens} of results</span>}
          </dd>
        </div>
        <RightEquations rollout={r} />
      </dl>
    </article>
  );
}

/** Right or wrong, and whether the response was cut at the limit. */
export function Outcome({ rollout: r }: { rollout: RolloutRecord }) {
  return (
    <span className="outcome">
      {!r.finished && <span className="pill truncated">truncated</span>}
      <span className={r.correct ? 'good' : 'error'}>{r.correct ? '✓ right' : '✗ wrong'}</span>
    </span>
  );
}

function RightEquations({ rollout: { equations } }: { rollout: RolloutRecord }) {
  if (equations.total === 0) return null;
  return (
    <div>
      <dt>Right equations</dt>
      <dd>
        {equations.right} of {equations.total}{' '}
        <span className="muted">({formatValue(equations.right / equations.total, '%')})</span>
      </dd>
    </div>
  );
}
