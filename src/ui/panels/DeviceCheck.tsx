import { Dialog } from 'radix-ui';
import { useState } from 'react';
import type { KernelCheck } from '../../lab/protocol';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';

type Result = KernelCheck[] | 'running' | { failed: string };

/** Runs every kernel against its reference on this device and lists the errors found. */
export function DeviceCheck() {
  const [result, setResult] = useState<Result | null>(null);
  const engine = useLab((lab) => lab.engine);
  const live = useLab((lab) => lab.live !== null);
  const doctor = useLab((lab) => lab.doctor);
  const check = () => {
    setResult('running');
    doctor().then(setResult, (error: unknown) => setResult({ failed: messageOf(error) }));
  };
  const ready = engine.state === 'ready';
  return (
    <Dialog.Root>
      <Dialog.Trigger className="link" disabled={!ready}>
        Device check
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog wide">
          <Dialog.Title>Device check</Dialog.Title>
          <Dialog.Description>
            Computes every kernel on this device and compares it with a float64 reference. A run is worth
            trusting only where all pass.
          </Dialog.Description>
          <div className="dialog-actions">
            <button className="primary" onClick={check} disabled={live || !ready || result === 'running'}>
              {result === 'running' ? 'Checking …' : 'Check now'}
            </button>
            {live && <span className="muted">Stop the run first: the check needs the device to itself.</span>}
          </div>
          <div aria-live="polite">
            <Checks result={result} />
          </div>
          {ready && (
            <details>
              <summary>What the adapter offers</summary>
              <dl className="pairs">
                <dt>Adapter</dt>
                <dd>
                  {[engine.adapter.vendor, engine.adapter.architecture, engine.adapter.description]
                    .filter(Boolean)
                    .join(', ')}
                </dd>
                <dt>Features</dt>
                <dd>{engine.adapter.features.join(', ') || 'none'}</dd>
                {Object.entries(engine.adapter.limits).map(([name, value]) => [
                  <dt key={name}>{name}</dt>,
                  <dd key={`${name} value`}>{value.toLocaleString('en')}</dd>,
                ])}
              </dl>
            </details>
          )}
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Checks({ result }: { result: Result | null }) {
  if (result === null || result === 'running') return null;
  if ('failed' in result) return <p className="error">{result.failed}</p>;
  const passed = result.filter((c) => c.passed).length;
  return (
    <>
      <p className={passed === result.length ? 'good' : 'error'}>
        {passed} of {result.length} kernels agree with the reference.
      </p>
      <div className="scroll" tabIndex={0} role="region" aria-label="Kernels">
        <table className="table">
          <thead>
            <tr>
              <th>Kernel</th>
              <th className="num">Relative error</th>
              <th className="num">Allowed</th>
              <th>Result</th>
            </tr>
          </thead>
          <tbody>
            {result.map((c) => (
              <tr key={c.kernel}>
                <td>
                  {c.kernel}
                  {c.message && <div className="muted">{c.message}</div>}
                </td>
                <td className="num">{c.error.toExponential(1)}</td>
                <td className="num">{c.tolerance.toExponential(1)}</td>
                <td className={c.passed ? 'good' : 'error'}>{c.passed ? '✓ pass' : '✗ fail'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
