import { useRef, useState, type ReactNode } from 'react';
import { useDrop } from '../useDrop';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import type { Imported } from '../../share/export/protocol';
import { ask } from './exporter';
import { LogDialog } from './LogDialog';

const ACCEPTED = '.zip,.json,.jsonl,.log,.txt';
/** The first bytes of a zip. */
const ZIP = 'PK';
/** A log has a line a step: what is larger is something else. */
const LARGEST_LOG = 2 ** 28;

const OWN_CODE =
  'This run has a reward function of its own, written by whoever made it. It runs in a sandbox, but read it before you continue the run: “Copy settings to the form” in its menu shows it.';

interface Props {
  /** The runs in the list. */
  children: ReactNode;
  /** A run is shown. */
  onOpen: () => void;
}

/** The list of runs, on which files are dropped: run files, and logs of TRL and verl. */
export function ImportRuns({ children, onOpen }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [log, setLog] = useState<{ name: string; text: string } | null>(null);
  const { refresh, openRun, notify } = useActions();

  const bring = async (work: () => Promise<Imported>) => {
    setBusy(true);
    notify(null);
    try {
      const { runId, ownCode, note } = await work();
      await refresh();
      await openRun(runId);
      onOpen();
      const told = [...(note === undefined ? [] : [note]), ...(ownCode ? [OWN_CODE] : [])];
      if (told.length > 0) notify(told.join(' '));
    } catch (error) {
      notify(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const take = async (file: File) => {
    if ((await file.slice(0, ZIP.length).text()) === ZIP)
      return bring(() => ask((api) => api.importRun(file)));
    if (file.size > LARGEST_LOG)
      return notify(
        `${file.name} is neither a run file nor a log. Nothing was imported. Choose the zip that Export wrote.`,
      );
    setLog({ name: file.name, text: await file.text() });
  };
  // One after the other: a file that is dropped while another is imported waits for it.
  const last = useRef(Promise.resolve());
  const guarded = (file: File | null | undefined) => {
    if (!file) return;
    last.current = last.current
      .then(() => take(file))
      .catch((error: unknown) =>
        notify(`${file.name} cannot be read: ${messageOf(error)}. Nothing was imported.`),
      );
  };
  const drop = useDrop(({ files }) => guarded(files.item(0)));

  return (
    <div className="import-runs" {...drop}>
      <p className="muted import-line">
        <button type="button" className="link" disabled={busy} onClick={() => input.current?.click()}>
          {busy ? 'Importing …' : 'Import a run'}
        </button>
        , or drop its file here: a zip that Export wrote, or the log of TRL or verl.
      </p>
      {children}
      <input
        ref={input}
        type="file"
        accept={ACCEPTED}
        aria-label="File of a run"
        hidden
        onChange={(event) => {
          const file = event.target.files?.item(0);
          // The same file can be chosen again.
          event.target.value = '';
          guarded(file);
        }}
      />
      {log && (
        <LogDialog
          name={log.name}
          onClose={() => setLog(null)}
          onImport={(ofRun) => {
            setLog(null);
            void bring(() => ask((api) => api.importLog(log.text, ofRun)));
          }}
        />
      )}
    </div>
  );
}

function useActions() {
  const refresh = useLab((lab) => lab.refresh);
  const openRun = useLab((lab) => lab.openRun);
  const notify = useLab((lab) => lab.notify);
  return { refresh, openRun, notify };
}
