import { SharedDialog } from '../SharedDialog';
import { DropZone } from './DropZone';
import { ImportReport } from './ImportReport';
import { StoredDatasets } from './StoredDatasets';
import { useData } from './store';

/** A person's own questions: read from a file, looked at, stored, and put into the experiment. */
export function DataDialog() {
  const shown = useData((data) => data.shown);
  const { show, close } = useData.getState();
  return (
    <SharedDialog
      link="Data"
      title="Your own questions"
      description="Questions with one answer that can be checked. Proofs, choices, open and several questions in one are left out, with the reason."
      open={shown}
      onOpenChange={(open) => (open ? show() : close())}
    >
      <Chooser />
      <LastFile />
      <StoredDatasets />
    </SharedDialog>
  );
}

function Chooser() {
  const busy = useData((data) => data.busy);
  const error = useData((data) => data.error);
  const { read } = useData.getState();
  return (
    <>
      <DropZone busy={busy !== null} onFile={(file) => void read(file)} />
      <div role="alert">{error && <p className="error">{error}</p>}</div>
      {busy === 'reading' && <p role="status">Reading …</p>}
    </>
  );
}

// Apart from what changes while it is stored: its pages of formulas are not cheap to draw.
function LastFile() {
  const summary = useData((data) => data.summary);
  return summary && <ImportReport key={summary.fileName} summary={summary} />;
}
