import { startTransition, useEffect, useState } from 'react';

export interface Page<T> {
  rows: readonly T[];
  /** Number of the first row, from 0. */
  from: number;
  go: (from: number) => void;
}

/**
 * A part of a list that is kept elsewhere. The component starts again at the first row when its `key` changes.
 * @param read must be the same function from one drawing to the next
 */
export function usePage<T>(read: (from: number, count: number) => Promise<T[]>, size: number): Page<T> {
  const [from, go] = useState(0);
  const [rows, setRows] = useState<readonly T[]>([]);
  useEffect(() => {
    let current = true;
    // A page full of formulas is drawn in short tasks.
    const show = (next: readonly T[]) => startTransition(() => (current ? setRows(next) : undefined));
    // What the worker cannot tell any more is not shown any more.
    read(from, size).then(show, () => show([]));
    return () => {
      current = false;
    };
  }, [read, from, size]);
  return { rows, from, go };
}
