import { Fragment } from 'react';
import type { RewardTrial } from '../../lab/protocol';
import type { RewardInput } from '../../rl/reward';
import { formatNumber } from '../format';

export type TestedResponse = RewardTrial & { input: RewardInput };

/** What a reward function made of each response, and on average of the right and of the wrong ones. */
export function RewardTrials({ tested, source }: { tested: readonly TestedResponse[]; source: string }) {
  const failed = tested.filter(({ error }) => error !== null).length;
  return (
    <>
      <p role="status" className={failed > 0 ? 'error' : 'good'}>
        {failed > 0
          ? `It failed on ${failed} of ${tested.length} ${source}.`
          : `It judged ${tested.length} ${source}.`}
      </p>
      <p className="muted">
        Mean value: right {meanOf(tested, true)}, wrong {meanOf(tested, false)}.
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Tested responses">
        <table className="table trials">
          <thead>
            <tr>
              <th>Response</th>
              <th>Right</th>
              <th className="num">Tokens</th>
              <th className="num">Value</th>
              <th className="num">ms</th>
            </tr>
          </thead>
          <tbody>
            {tested.map(({ input, value, error, milliseconds }, i) => (
              <Fragment key={i}>
                <tr>
                  <td>
                    <code title={input.response}>{input.response}</code>
                  </td>
                  <td className={input.correct ? 'good' : 'error'}>{input.correct ? '✓ yes' : '✗ no'}</td>
                  <td className="num">{input.length}</td>
                  <td className="num">{error === null ? formatNumber(value) : '–'}</td>
                  <td className="num">{milliseconds.toFixed(1)}</td>
                </tr>
                {error !== null && (
                  <tr>
                    <td colSpan={5} className="error">
                      {error}
                    </td>
                  </tr>
                )}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function meanOf(tested: readonly TestedResponse[], correct: boolean): string {
  const values = tested.filter((t) => t.input.correct === correct).map((t) => t.value);
  return values.length > 0 ? formatNumber(values.reduce((a, b) => a + b) / values.length) : '– (none)';
}
