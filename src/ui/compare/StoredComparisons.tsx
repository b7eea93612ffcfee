import { useMemo, useState } from 'react';
import { formatAgo } from '../format';
import { useLab } from '../state/context';
import { storedComparisons } from '../state/membership';

/** The comparisons stored in this browser, newest first. */
export function StoredComparisons() {
  const runs = useLab((lab) => lab.runs);
  const compare = useLab((lab) => lab.compare);
  const stored = useMemo(() => storedComparisons(runs), [runs]);
  const [now] = useState(() => Date.now());
  if (stored.length === 0) return null;
  return (
    <section className="card" aria-labelledby="stored-comparisons">
      <h3 id="stored-comparisons">Stored comparisons</h3>
      <ul>
        {stored.map(({ id, title, members }) => (
          <li key={id}>
            <button className="link" onClick={() => void compare({ kind: 'comparison', id })}>
              {title}
            </button>{' '}
            <span className="muted">
              {members.filter(({ run }) => run.status === 'finished').length} of {members.length} runs
              finished, {formatAgo(Math.max(...members.map(({ run }) => run.createdAt)), now)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
