import { Tabs } from 'radix-ui';
import { SharedDialog } from '../SharedDialog';
import { Demonstrations } from './Demonstrations';
import { DropZone } from './DropZone';
import { ImportReport } from './ImportReport';
import { StoredDatasets } from './StoredDatasets';
import { useData, type DataTab } from './store';

const TITLES: Record<DataTab, [title: string, description: string]> = {
  questions: [
    'Your own questions',
    'Questions with one answer that can be checked. Proofs, choices, open and several questions in one are left out, with the reason.',
  ],
  demonstrations: [
    'Your own demonstrations',
    'Questions with whole answers, for the cold start to learn from. A line that cannot be used is named, and the file is not taken.',
  ],
};

/** What a person brings: read from a file, looked at, stored, and put into the experiment. */
export function DataDialog() {
  const shown = useData((data) => data.shown);
  const tab = useData((data) => data.tab);
  const { show, close } = useData.getState();
  const [title, description] = TITLES[tab];
  return (
    <SharedDialog
      link="Data"
      title={title}
      description={description}
      open={shown}
      onOpenChange={(open) => (open ? show('questions') : close())}
    >
      <Tabs.Root value={tab} onValueChange={(value) => show(value as DataTab)}>
        <Tabs.List className="tabs" aria-label="Your own">
          <Tabs.Trigger value="questions">Questions</Tabs.Trigger>
          <Tabs.Trigger value="demonstrations">Demonstrations</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="questions" className="data-tab">
          <Chooser />
          <LastFile />
          <StoredDatasets />
        </Tabs.Content>
        <Tabs.Content value="demonstrations" className="data-tab">
          <Demonstrations />
        </Tabs.Content>
      </Tabs.Root>
    </SharedDialog>
  );
}

function Chooser() {
  const busy = useData((data) => data.busy);
  const error = useData((data) => data.error);
  const { read } = useData.getState();
  return (
    <>
      <DropZone
        busy={busy !== null}
        onFiles={([file]) => void read(file)}
        what="questions and answers"
        accept=".jsonl,.ndjson,.json,.csv,.tsv"
        hint="JSON lines, a JSON array or CSV, at most 32 MiB. A question stands under question, problem, prompt or input; its answer under answer, gold, target or solution; its difficulty, if any, under level. The file stays on this computer."
      />
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
