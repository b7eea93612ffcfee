import type { CallRecord } from '../../store/types';

/** Each call of a response: its code, what the model was shown and how long it took. */
export function ToolCalls({ calls }: { calls: readonly CallRecord[] }) {
  if (calls.length === 0) return null;
  return (
    <ol className="tool-calls" aria-label="Calls">
      {calls.map(({ code, output, failed, timedOut, ms }, i) => (
        <li key={i} data-failed={failed}>
          <pre>{code}</pre>
          {output === null ? (
            <p className="muted">not run</p>
          ) : (
            <>
              <pre className="output">{output === '' ? '(no output)' : output}</pre>
              <p className={failed ? 'error' : 'muted'}>
                {timedOut ? 'stopped for its time, ' : failed ? 'failed, ' : ''}
                {ms.toFixed(1)} ms
              </p>
            </>
          )}
        </li>
      ))}
    </ol>
  );
}
