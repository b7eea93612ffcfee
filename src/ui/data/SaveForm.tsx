import { useState } from 'react';
import { MAX_NAME } from '../../store/named';

interface Props {
  fileName: string;
  /** What the file has been stored as. */
  saved: string | undefined;
  busy: 'reading' | 'saving' | null;
  save: (name: string) => void;
  use: () => void;
}

/** Keeps the file that was read under a name; then puts it into the experiment. */
export function SaveForm({ fileName, saved, busy, save, use }: Props) {
  const [name, setName] = useState(fileName.slice(0, MAX_NAME));
  if (saved !== undefined)
    return (
      <div className="dialog-actions">
        <span role="status">Stored as “{saved}”.</span>
        <button type="button" className="primary" onClick={use}>
          Use in the experiment
        </button>
      </div>
    );
  return (
    <form
      className="dialog-actions"
      onSubmit={(event) => {
        event.preventDefault();
        save(name);
      }}
    >
      <label className="grow">
        Name{' '}
        <input
          type="text"
          value={name}
          maxLength={MAX_NAME}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      <button className="primary" type="submit" disabled={busy !== null || name.trim() === ''}>
        {busy === 'saving' ? 'Storing …' : 'Store in this browser'}
      </button>
    </form>
  );
}
