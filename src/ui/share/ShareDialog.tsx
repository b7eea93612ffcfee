import { Dialog } from 'radix-ui';
import { useEffect, useState } from 'react';
import type { StepMetrics } from '../../lab/metrics';
import { usesDemonstrations } from '../../lab/demonstrations';
import { usesDataset, usesPackages, type Experiment } from '../../lab/schema';
import { encodeLink } from '../../share/link';
import { QrCode } from './QrCode';

interface Props {
  experiment: Experiment | undefined;
  /** Of a run of it: its curves may go along. */
  metrics?: readonly StepMetrics[];
}

/** A button that opens the experiment as a link, a QR code, JSON and a command. */
export function ShareDialog({ experiment, metrics }: Props) {
  return (
    <Dialog.Root>
      <Dialog.Trigger type="button" disabled={!experiment}>
        Share
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog share">
          <Dialog.Title>Share this experiment</Dialog.Title>
          <Dialog.Description className="muted">
            The link holds the settings themselves: whoever opens it needs nothing else, and no server keeps
            it.
          </Dialog.Description>
          {experiment && <Ways experiment={experiment} metrics={metrics} />}
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Ways({ experiment, metrics }: Props & { experiment: Experiment }) {
  const [withCurves, setWithCurves] = useState(metrics !== undefined);
  const { link, error } = useLink(experiment, withCurves ? metrics : undefined);
  const imported = usesDataset(experiment);
  return (
    <>
      {metrics && (
        <label className="check">
          <input
            type="checkbox"
            checked={withCurves}
            onChange={(event) => setWithCurves(event.target.checked)}
          />{' '}
          with the curves of this run, {metrics.at(-1)?.step ?? 0} steps
        </label>
      )}
      {imported && (
        <p className="warning">
          It asks your own questions, which are not in the link: send the file “{experiment.data.file}” too.
        </p>
      )}
      {usesDemonstrations(experiment) && (
        <p className="warning">
          It learns from your own demonstrations, which are not in the link: send the file “
          {experiment.sft.file}” too.
        </p>
      )}
      {usesPackages(experiment) && (
        <p className="warning">
          Its calls import packages, which are not in the link: send {experiment.tools.packages} too.
        </p>
      )}
      <div role="alert">{error && <p className="error">{error}</p>}</div>
      {link && (
        <>
          <label className="share-link">
            Link <span className="muted">{link.length.toLocaleString('en')} characters</span>
            <input type="text" readOnly value={link} onFocus={(event) => event.target.select()} />
          </label>
          <div className="actions">
            <CopyButton label="Copy link" text={link} />
            <CopyButton label="Copy as JSON" text={JSON.stringify(experiment, null, 2)} />
            <CopyButton
              label="Copy command"
              text={`npm run -s lab -- link decode '${link}' > experiment.json && npm run -s lab -- run experiment.json`}
            />
          </div>
          <QrCode text={link} />
        </>
      )}
    </>
  );
}

/** The whole address; absent while it is being made. */
function useLink(experiment: Experiment, metrics: readonly StepMetrics[] | undefined) {
  const [made, setMade] = useState<{ link?: string; error?: string }>({});
  useEffect(() => {
    let current = true;
    encodeLink(experiment, metrics).then(
      (fragment) => current && setMade({ link: `${location.href.replace(/#.*/s, '')}#${fragment}` }),
      (error: unknown) =>
        current && setMade({ error: error instanceof Error ? error.message : String(error) }),
    );
    return () => {
      current = false;
    };
  }, [experiment, metrics]);
  return made;
}

function CopyButton({ label, text }: { label: string; text: string }) {
  const [done, setDone] = useState<'copied' | 'refused' | null>(null);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setDone('copied'),
      () => setDone('refused'),
    );
  return (
    <button type="button" onClick={() => void copy()} onBlur={() => setDone(null)}>
      {done === 'copied' ? 'Copied' : done === 'refused' ? 'The browser refused' : label}
    </button>
  );
}
