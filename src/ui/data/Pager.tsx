interface Props {
  from: number;
  size: number;
  total: number;
  /** What the rows are, for those who do not see them. */
  of: string;
  go: (from: number) => void;
}

/** “1 to 50 of 1,204”, and the way to the others. */
export function Pager({ from, size, total, of, go }: Props) {
  if (total <= size) return null;
  const last = Math.min(from + size, total);
  return (
    <nav className="pager" aria-label={`Pages of ${of}`}>
      <button type="button" disabled={from === 0} onClick={() => go(from - size)} aria-label="Previous page">
        ‹
      </button>
      <span className="muted" role="status">
        {(from + 1).toLocaleString('en')} to {last.toLocaleString('en')} of {total.toLocaleString('en')}
      </span>
      <button type="button" disabled={last === total} onClick={() => go(from + size)} aria-label="Next page">
        ›
      </button>
    </nav>
  );
}
