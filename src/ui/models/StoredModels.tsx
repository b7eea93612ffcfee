import { useState } from 'react';
import { bytesOf, isComplete, type ModelRecord } from '../../store/models';
import { formatBytes } from '../format';
import { useForm } from '../forms/store';
import { isInForm, putInForm, useModels } from './store';

const ORIGIN = { hub: 'from the Hub', files: 'from this computer', run: 'from a run' } as const;

/** The models kept in this browser. */
export function StoredModels() {
  const models = useModels((state) => state.models);
  const size = models?.reduce((sum, model) => sum + bytesOf(model), 0) ?? 0;
  return (
    <section aria-labelledby="stored-models">
      <h3 id="stored-models">Stored in this browser{size > 0 && <> ({formatBytes(size)})</>}</h3>
      {models?.length === 0 && (
        <p className="muted">No model yet, besides the one that comes with the lab.</p>
      )}
      <ul className="datasets">
        {models?.map((model) => (
          <Model key={model.id} model={model} />
        ))}
      </ul>
    </section>
  );
}

function Model({ model }: { model: ModelRecord }) {
  const [deleting, setDeleting] = useState(false);
  const { remove, job } = useModels();
  // Read again whenever the form changes.
  useForm((form) => form.draft);
  const { name, source, revision, addedAt } = model;
  const used = isInForm(model);
  const complete = isComplete(model);
  return (
    <li>
      <div className="grow">
        <strong>{name}</strong> {used && <span className="pill finished">in the experiment</span>}
        {!complete && <span className="pill">not complete</span>}
        <span className="muted">
          {formatBytes(bytesOf(model))}, {ORIGIN[source]}
          {revision && ` at ${revision.slice(0, 8)}`}, added{' '}
          {new Date(addedAt).toLocaleDateString('en', { dateStyle: 'medium' })}
        </span>
      </div>
      {deleting ? (
        <div className="dialog-actions">
          <span>Runs keep their results, but cannot be continued without it.</span>
          <button
            type="button"
            className="primary danger"
            autoFocus
            onClick={() => {
              setDeleting(false);
              void remove(model);
            }}
          >
            Delete now
          </button>
          <button type="button" onClick={() => setDeleting(false)}>
            Keep
          </button>
        </div>
      ) : (
        <div className="dialog-actions">
          {complete && (
            <button type="button" disabled={used} onClick={() => putInForm(model)} aria-label={`Use ${name}`}>
              Use
            </button>
          )}
          {!complete && source === 'hub' && <Continue model={model} />}
          <button
            type="button"
            disabled={job !== null}
            onClick={() => setDeleting(true)}
            aria-label={`Delete ${name}`}
          >
            Delete
          </button>
        </div>
      )}
    </li>
  );
}

function Continue({ model: { name, hubUrl = '' } }: { model: ModelRecord }) {
  const { job, download } = useModels();
  const [id, revision = 'main'] = name.split('@');
  return (
    <button
      type="button"
      disabled={job !== null}
      onClick={() => void download({ id, revision, hubUrl })}
      aria-label={`Continue ${name}`}
    >
      Continue
    </button>
  );
}
