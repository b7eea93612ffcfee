import { Dialog } from 'radix-ui';
import { useRef } from 'react';
import { FolderZone } from './FolderZone';
import { HubForm } from './HubForm';
import { JobProgress } from './JobProgress';
import { RunModels } from './RunModels';
import { StoredModels } from './StoredModels';
import { useModels } from './store';

/** Models to begin an experiment with: from the Hub, from this computer, from a run; and those that are stored. */
export function ModelsDialog() {
  const { shown, show, close, job, error, note } = useModels();
  // It is opened from here or from the form, and the focus goes back there.
  const opener = useRef<Element>(null);
  return (
    <Dialog.Root open={shown} onOpenChange={(open) => (open ? show() : close())}>
      <Dialog.Trigger className="link">Models</Dialog.Trigger>
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
          <Dialog.Title>Models</Dialog.Title>
          <Dialog.Description className="muted">
            A model of the Qwen2 or Qwen3 architecture with safetensors weights can begin an experiment, if
            the graphics device has room to train it. It is kept in this browser.
          </Dialog.Description>
          <div role="alert">{error && <p className="error">{error}</p>}</div>
          <div role="status">{note && <p>{note}</p>}</div>
          {job && <JobProgress />}
          <HubForm />
          <FolderZone />
          <RunModels />
          <StoredModels />
          <Dialog.Close className="dialog-close" aria-label="Close">
            ✕
          </Dialog.Close>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
