import { AlertDialog, Dialog } from 'radix-ui';
import { useState } from 'react';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';

interface Props {
  run: RunRecord;
  onClose: () => void;
}

export function RenameDialog({ run, onClose }: Props) {
  const [name, setName] = useState(run.name);
  const rename = useLab((lab) => lab.rename);
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog" aria-describedby={undefined}>
          <Dialog.Title>Rename run</Dialog.Title>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              void rename(run.id, name.trim());
              onClose();
            }}
          >
            <input
              type="text"
              aria-label="Name"
              value={name}
              maxLength={120}
              onChange={(event) => setName(event.target.value)}
            />
            <div className="dialog-actions">
              <button className="primary" type="submit" disabled={name.trim() === ''}>
                Rename
              </button>
              <Dialog.Close type="button">Cancel</Dialog.Close>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export function DeleteDialog({ run, onClose }: Props) {
  const remove = useLab((lab) => lab.remove);
  return (
    <AlertDialog.Root open onOpenChange={onClose}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="overlay" />
        <AlertDialog.Content className="dialog">
          <AlertDialog.Title>Delete “{run.name}”?</AlertDialog.Title>
          <AlertDialog.Description>
            Its settings, curves, {run.step} steps of responses and checkpoints are removed from this browser.
            This cannot be undone.
          </AlertDialog.Description>
          <div className="dialog-actions">
            <AlertDialog.Action className="primary danger" onClick={() => void remove(run.id)}>
              Delete
            </AlertDialog.Action>
            <AlertDialog.Cancel>Keep</AlertDialog.Cancel>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
