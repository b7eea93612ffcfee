import { useState } from 'react';
import { MAX_NAME, type DatasetRecord } from '../../store/datasets';
import { useForm } from '../forms/store';
import { isInForm, putInForm, useData } from './store';

/** The data sets kept in this browser. */
export function StoredDatasets() {
  const datasets = useData((data) => data.datasets);
  return (
    <section aria-labelledby="stored-datasets">
      <h3 id="stored-datasets">Stored in this browser</h3>
      {datasets?.length === 0 && <p className="muted">No data set yet.</p>}
      <ul className="datasets">
        {datasets?.map((dataset) => (
          <Dataset key={dataset.id} dataset={dataset} />
        ))}
      </ul>
    </section>
  );
}

function Dataset({ dataset }: { dataset: DatasetRecord }) {
  const [mode, setMode] = useState<'rename' | 'delete' | null>(null);
  const remove = useData((data) => data.remove);
  // Read again whenever the form changes.
  useForm((form) => form.draft);
  const used = isInForm(dataset);
  const { name, counts, addedAt, levels } = dataset;
  const done = () => setMode(null);
  return (
    <li>
      <div className="grow">
        <strong>{name}</strong> {used && <span className="pill finished">in the experiment</span>}
        <span className="muted">
          {counts.kept.toLocaleString('en')} of {counts.rows.toLocaleString('en')} rows
          {levels.length > 0 && `, levels ${levels[0]} to ${levels[levels.length - 1]}`}, added{' '}
          {new Date(addedAt).toLocaleDateString('en', { dateStyle: 'medium' })}
        </span>
      </div>
      {mode === null && (
        <div className="dialog-actions">
          <button type="button" disabled={used} onClick={() => putInForm(dataset)} aria-label={`Use ${name}`}>
            Use
          </button>
          <button type="button" onClick={() => setMode('rename')} aria-label={`Rename ${name}`}>
            Rename
          </button>
          <button type="button" onClick={() => setMode('delete')} aria-label={`Delete ${name}`}>
            Delete
          </button>
        </div>
      )}
      {mode === 'rename' && <Rename dataset={dataset} onDone={done} />}
      {mode === 'delete' && (
        <div className="dialog-actions">
          <span>Runs keep their results, but cannot be continued without it.</span>
          <button
            type="button"
            className="primary danger"
            autoFocus
            onClick={() => {
              done();
              void remove(dataset);
            }}
          >
            Delete now
          </button>
          <button type="button" onClick={done}>
            Keep
          </button>
        </div>
      )}
    </li>
  );
}

function Rename({ dataset, onDone }: { dataset: DatasetRecord; onDone: () => void }) {
  const [name, setName] = useState(dataset.name);
  const rename = useData((data) => data.rename);
  return (
    <form
      className="dialog-actions"
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
        void rename(dataset, name);
      }}
    >
      <input
        type="text"
        aria-label={`New name of ${dataset.name}`}
        autoFocus
        value={name}
        maxLength={MAX_NAME}
        onChange={(event) => setName(event.target.value)}
      />
      <button type="submit" className="primary" disabled={name.trim() === ''}>
        Rename
      </button>
      <button type="button" onClick={onDone}>
        Cancel
      </button>
    </form>
  );
}
