import { Dialog } from 'radix-ui';
import { useState } from 'react';
import { isForeign } from '../../share/logs/foreign';
import { useLab } from '../state/context';

interface Props {
  /** Of the file. */
  name: string;
  onClose: () => void;
  /** @param ofRun the run whose study was exported */
  onImport: (ofRun: string) => void;
}

/** A log does not say which experiment it is of. */
export function LogDialog({ name, onClose, onImport }: Props) {
  const runs = useLab((lab) => lab.runs).filter((run) => !isForeign(run));
  const [chosen, setChosen] = useState<string>();
  const ofRun = chosen ?? runs.at(0)?.id;
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="dialog">
          <Dialog.Title>Which run was exported?</Dialog.Title>
          <Dialog.Description className="muted">
            {ofRun === undefined
              ? 'No run is stored here. Run or import the experiment first; then bring its log.'
              : `The curves in ${name} become a run of the same experiment, to be compared with it.`}
          </Dialog.Description>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (ofRun !== undefined) onImport(ofRun);
            }}
          >
            {ofRun !== undefined && (
              <select aria-label="Run" value={ofRun} onChange={(event) => setChosen(event.target.value)}>
                {runs.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            )}
            <div className="dialog-actions">
              <button className="primary" type="submit" disabled={ofRun === undefined}>
                Import
              </button>
              <Dialog.Close type="button">Cancel</Dialog.Close>
            </div>
          </form>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
