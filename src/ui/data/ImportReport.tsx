import { Tabs } from 'radix-ui';
import type { ImportSummary } from '../../lab/import-protocol';
import { DroppedRows } from './DroppedRows';
import { KeptProblems } from './KeptProblems';
import { SaveForm } from './SaveForm';
import { putInForm, useData } from './store';

const amount = (n: number, one: string, many = `${one}s`) =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

/** What a file holds: the questions that can be asked, the rows that cannot and why, and where to keep it. */
export function ImportReport({ summary }: { summary: ImportSummary }) {
  const { fileName, counts } = summary;
  const { rows, kept, splits } = counts;
  const dropped = rows - kept;
  const empty = (['train', 'validation', 'test'] as const).filter((name) => splits[name] === 0);
  return (
    <section aria-labelledby="import-report" className="import-report">
      <h3 id="import-report">{fileName}</h3>
      <p role="status">
        <strong>{amount(kept, 'question')} kept</strong>, {amount(dropped, 'row')} dropped. By their text{' '}
        {splits.train.toLocaleString('en')} are for training, {splits.validation.toLocaleString('en')} for
        validation, {splits.test.toLocaleString('en')} for test.
      </p>
      {kept > 0 && empty.length > 0 && (
        <p className="warning">
          None falls into the {empty.join(' and the ')} set:{' '}
          {empty.length === 1 && empty[0] !== 'train'
            ? 'an experiment cannot evaluate on it.'
            : 'an experiment needs more questions.'}
        </p>
      )}
      {kept === 0 ? (
        <p className="error">No row can be used, so there is nothing to keep.</p>
      ) : (
        <Save fileName={fileName} />
      )}
      <Tabs.Root defaultValue={kept > 0 ? 'kept' : 'dropped'}>
        <Tabs.List className="tabs" aria-label="Rows">
          <Tabs.Trigger value="kept">Kept ({kept.toLocaleString('en')})</Tabs.Trigger>
          <Tabs.Trigger value="dropped">Dropped ({dropped.toLocaleString('en')})</Tabs.Trigger>
        </Tabs.List>
        <Tabs.Content value="kept">
          <KeptProblems total={kept} />
        </Tabs.Content>
        <Tabs.Content value="dropped">
          {dropped > 0 ? <DroppedRows {...{ fileName, counts }} /> : <p className="muted">None.</p>}
        </Tabs.Content>
      </Tabs.Root>
    </section>
  );
}

function Save({ fileName }: { fileName: string }) {
  const saved = useData((data) => data.saved);
  const busy = useData((data) => data.busy);
  const { save } = useData.getState();
  return (
    <SaveForm
      fileName={fileName}
      saved={saved?.name}
      busy={busy}
      save={(name) => void save(name)}
      use={() => saved && putInForm(saved)}
    />
  );
}
