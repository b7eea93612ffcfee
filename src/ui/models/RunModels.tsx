import { useState } from 'react';
import { useLab } from '../state/context';
import { useModels } from './store';

/** What a run has learned, as a model to go on from or to take away. */
export function RunModels() {
  const runs = useLab((lab) => lab.runs);
  const [id, setId] = useState('');
  const { job, addRun, exportRun } = useModels();
  const run = runs.find((r) => r.id === id) ?? runs.at(0);
  return (
    <section aria-labelledby="model-run">
      <h3 id="model-run">From a run</h3>
      {run === undefined ? (
        <p className="muted">No run yet.</p>
      ) : (
        <div className="dialog-actions">
          <label className="grow">
            Newest checkpoint of
            <select value={run.id} onChange={(event) => setId(event.target.value)}>
              {runs.map((r) => (
                <option key={r.id} value={r.id}>
                  {r.name}, step {r.step}
                </option>
              ))}
            </select>
          </label>
          <button type="button" disabled={job !== null} onClick={() => void addRun(run)}>
            Store as a model
          </button>
          <button type="button" disabled={job !== null} onClick={() => void exportRun(run)}>
            Download for transformers
          </button>
        </div>
      )}
    </section>
  );
}
