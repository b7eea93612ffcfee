import { toolOutput, type Refusal, type ToolLimits } from '../../lab/sandbox';
import { useSandbox } from './store';

/** What was refused, in words. */
const REFUSED: Record<Refusal, (limits: Record<keyof ToolLimits, string>) => string> = {
  time: ({ seconds }) => `Stopped: it took longer than ${seconds} s.`,
  memory: ({ memory_mb }) => `Refused: more than ${memory_mb} MiB of memory.`,
  output: () => 'Stopped: it printed without end.',
  access: () => 'Refused: a way out of the sandbox.',
};

/** What came of the last call, and what a model would see of it. */
export function SandboxResult() {
  const { result, failure, limits, running } = useSandbox();
  return (
    <div className="sandbox-result" aria-live="polite">
      {running && (
        <p className="muted">Running; Python takes a few seconds to start when it is first used.</p>
      )}
      {failure !== null && <p className="error">{failure}</p>}
      {result && (
        <>
          <p>
            {result.error === null ? 'Ended' : 'Failed'} after {result.ms.toFixed(1)} ms.{' '}
            {result.refused && <strong className="refused">{REFUSED[result.refused](limits)}</strong>}
          </p>
          <Text title="Output" text={result.stdout} />
          {result.error !== null && <Text title="Error" text={result.error} />}
          <Text title="What the model sees" text={toolOutput(result, Number(limits.output_chars))} />
        </>
      )}
    </div>
  );
}

function Text({ title, text }: { title: string; text: string }) {
  return (
    <section>
      <h3>{title}</h3>
      {text.trim() === '' ? (
        <p className="muted">Nothing.</p>
      ) : (
        <pre tabIndex={0} role="region" aria-label={title}>
          {text.trimEnd()}
        </pre>
      )}
    </section>
  );
}
