import { useState } from 'react';
import { HUB_URL } from '../../lab/hub/repository';
import { useModels } from './store';

/** A model by its name on the Hugging Face Hub. */
export function HubForm() {
  const [id, setId] = useState('');
  const [revision, setRevision] = useState('main');
  const [hubUrl, setHubUrl] = useState(HUB_URL);
  const { token, setToken, job, download } = useModels();
  return (
    <form
      aria-label="From the Hub"
      onSubmit={(event) => {
        event.preventDefault();
        void download({
          id: id.trim(),
          revision: revision.trim() || 'main',
          hubUrl: hubUrl.trim().replace(/\/+$/, '') || HUB_URL,
        });
      }}
    >
      <h3>From the Hugging Face Hub</h3>
      <div className="dialog-actions">
        <label className="grow">
          Model
          <input
            type="text"
            value={id}
            placeholder="Qwen/Qwen2.5-0.5B"
            spellCheck={false}
            onChange={(event) => setId(event.target.value)}
          />
        </label>
        <button className="primary" type="submit" disabled={job !== null || id.trim() === ''}>
          Download
        </button>
      </div>
      <details>
        <summary>Version, access token, mirror</summary>
        <div className="dialog-actions">
          <label className="grow">
            Branch, tag or commit
            <input
              type="text"
              value={revision}
              spellCheck={false}
              onChange={(event) => setRevision(event.target.value)}
            />
          </label>
          <label className="grow">
            Access token
            <input
              type="password"
              value={token}
              autoComplete="off"
              placeholder="hf_…"
              onChange={(event) => setToken(event.target.value)}
            />
          </label>
          <label className="grow">
            Address of the Hub
            <input
              type="text"
              value={hubUrl}
              spellCheck={false}
              onChange={(event) => setHubUrl(event.target.value)}
            />
          </label>
        </div>
        <p className="muted">
          A token is needed for gated and private models alone. It is forgotten when the page is closed.
        </p>
      </details>
    </form>
  );
}
