import { Dialog } from 'radix-ui';
import { useRef } from 'react';
import { DropZone } from './DropZone';
import { ImportReport } from './ImportReport';
import { StoredDatasets } from './StoredDatasets';
import { useData } from './store';

/** A person's own questions: read from a file, looked at, stored, and put into the experiment. */
export function DataDialog() {
  const { shown, show, close, read, busy, error, summary } = useData();
  // It is opened from here or from the form, and the focus goes back there.
  const opener = useRef<Element>(null);
  return (
    <Dialog.Root open={shown} onOpenChange={(open) => (open ? show() : close())}>
      <Dialog.Trigger className="link">Data</Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content
          className="dialog wide data"
          onOpenAutoFocus={() => (opener.current = document.activeElement)}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (opener.current instanceof HTMLElement) opener.current.focus();
          }}
        >
          <Dialog.Title>Your own questions</Dialog.Title>
          <Dialog.Description className="muted">
            Questions with one answer that can be checked. Proofs, choices, open and several questions in one
            are left out, with the reason.
          </Dialog.Description>
          <DropZone busy={busy !== null} onFile={(file) => void read(file)} />
          <div role="alert">{error && <p className="error">{error}</p>}</div>
          {busy === 'reading' && <p role="status">Reading …</p>}
          {summary && <ImportReport key={summary.fileName} summary={summary} />}
          <StoredDatasets />
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
