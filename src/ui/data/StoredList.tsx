import { useState, type ReactNode } from 'react';
import { MAX_NAME, type NamedRecord } from '../../store/named';

interface Actions<R> {
  /** What stands below the name. */
  facts: (record: R) => ReactNode;
  /** What is wrong with it, below those. */
  warning?: (record: R) => ReactNode;
  isUsed: (record: R) => boolean;
  use: (record: R) => void;
  rename: (record: R, name: string) => Promise<void>;
  remove: (record: R) => Promise<void>;
  /** Said before one is deleted. */
  deletion: string;
}

/** What of one kind is kept in this browser, to be used, renamed and deleted. */
export function StoredList<R extends NamedRecord>({
  records,
  empty,
  ...actions
}: Actions<R> & { records: readonly R[] | null; empty: string }) {
  return (
    <section aria-labelledby="stored-list">
      <h3 id="stored-list">Stored in this browser</h3>
      {records?.length === 0 && <p className="muted">{empty}</p>}
      <ul className="datasets">
        {records?.map((record) => (
          <Item key={record.id} record={record} {...actions} />
        ))}
      </ul>
    </section>
  );
}

function Item<R extends NamedRecord>({ record, ...actions }: Actions<R> & { record: R }) {
  const { facts, warning, isUsed, use, rename, remove, deletion } = actions;
  const [mode, setMode] = useState<'rename' | 'delete' | null>(null);
  const { name, addedAt } = record;
  const used = isUsed(record);
  const done = () => setMode(null);
  return (
    <li>
      <div className="grow">
        <strong>{name}</strong> {used && <span className="pill finished">in the experiment</span>}
        <span className="muted">
          {facts(record)}, added {new Date(addedAt).toLocaleDateString('en', { dateStyle: 'medium' })}
        </span>
        {warning?.(record)}
      </div>
      {mode === null && (
        <div className="dialog-actions">
          <button type="button" disabled={used} onClick={() => use(record)} aria-label={`Use ${name}`}>
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
      {mode === 'rename' && (
        <Rename
          name={name}
          onDone={done}
          onName={(to) => {
            done();
            void rename(record, to);
          }}
        />
      )}
      {mode === 'delete' && (
        <div className="dialog-actions">
          <span>{deletion}</span>
          <button
            type="button"
            className="primary danger"
            autoFocus
            onClick={() => {
              done();
              void remove(record);
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

interface RenameProps {
  name: string;
  onName: (name: string) => void;
  onDone: () => void;
}

function Rename({ name: old, onName, onDone }: RenameProps) {
  const [name, setName] = useState(old);
  return (
    <form
      className="dialog-actions"
      onSubmit={(event) => {
        event.preventDefault();
        onName(name);
      }}
    >
      <input
        type="text"
        aria-label={`New name of ${old}`}
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
