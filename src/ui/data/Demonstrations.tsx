import { useEffect } from 'react';
import type { DemonstrationsRecord } from '../../store/demonstrations';
import { useForm } from '../forms/store';
import { isInForm, putInForm, useDemonstrations } from './demonstrations';
import { DropZone } from './DropZone';
import { SaveForm } from './SaveForm';
import { StoredList } from './StoredList';

const amount = ({ count, withCalls }: Pick<DemonstrationsRecord, 'count' | 'withCalls'>) =>
  `${count.toLocaleString('en')} ${count === 1 ? 'demonstration' : 'demonstrations'}` +
  (withCalls > 0 ? `, ${withCalls.toLocaleString('en')} with calls` : '');

/** A person's own demonstrations: read from a file, stored, and put into the cold start of the experiment. */
export function Demonstrations() {
  const { files, summary, saved, busy, error } = useDemonstrations();
  const { list, read, save, rename, remove } = useDemonstrations.getState();
  // Read again whenever the form changes.
  useForm((form) => form.draft);
  useEffect(() => void list(), [list]);
  return (
    <>
      <DropZone
        busy={busy !== null}
        onFiles={([file]) => void read(file)}
        what="demonstrations"
        accept=".jsonl,.ndjson"
        hint='JSON lines, at most 32 MiB: {"messages": […]}, whose last turn is learnt, or {"prompt": …, "completion": …}. Calls of calculator, javascript or python stand as tool_calls with turns of the role tool, or as ```python and ```output blocks; their results are shown to the model, not learnt. The file stays on this computer.'
      />
      <div role="alert">{error && <p className="error lines">{error}</p>}</div>
      {busy === 'reading' && <p role="status">Reading …</p>}
      {summary && (
        <section aria-labelledby="demonstrations-read" className="import-report">
          <h3 id="demonstrations-read">{summary.fileName}</h3>
          <p role="status">
            <strong>{amount(summary)}</strong>. Whether the base model can read them is checked before a run
            starts.
          </p>
          <SaveForm
            key={summary.fileName}
            fileName={summary.fileName}
            saved={saved?.name}
            busy={busy}
            save={(name) => void save(name)}
            use={() => saved && putInForm(saved)}
          />
        </section>
      )}
      <StoredList
        records={files}
        empty="No demonstrations yet."
        facts={amount}
        isUsed={isInForm}
        use={putInForm}
        rename={rename}
        remove={remove}
        deletion="Runs whose cold start has begun can be continued without it."
      />
    </>
  );
}
