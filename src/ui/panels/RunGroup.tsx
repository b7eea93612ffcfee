import type { ReactNode } from 'react';
import { useLab } from '../state/context';
import type { StoredComparison } from '../state/membership';

interface Props {
  comparison: StoredComparison;
  onOpen: () => void;
  /** The list's items of its runs. */
  children: ReactNode;
}

/** The runs of one comparison, folded under its name. */
export function RunGroup({ comparison: { id, title, members }, onOpen, children }: Props) {
  const compare = useLab((lab) => lab.compare);
  const isOpen = useLab((lab) => lab.comparing?.kind === 'comparison' && lab.comparing.id === id);
  const finished = members.filter(({ run }) => run.status === 'finished').length;
  return (
    <section className="run-group" aria-label={`Comparison: ${title}`} data-open={isOpen}>
      <button
        className="run-open"
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => {
          void compare({ kind: 'comparison', id });
          onOpen();
        }}
      >
        <span className="run-name">{title}</span>
        <span className="muted">comparison</span>
      </button>
      <details>
        <summary>
          {finished} of {members.length} runs finished
        </summary>
        <ul className="runs">{children}</ul>
      </details>
    </section>
  );
}
