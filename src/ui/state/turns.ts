/** Redraws that share the main thread: one at a time, each cut into short tasks by React. */
import { startTransition, useEffect, useState } from 'react';

/** What still has to be drawn, in order of asking. */
const waiting = new Map<object, () => void>();
/** Whose turn it is, until it has been drawn. */
let drawing: object | null = null;
let scheduled = false;

function schedule(): void {
  if (scheduled || drawing || waiting.size === 0) return;
  scheduled = true;
  setTimeout(() => {
    scheduled = false;
    const next = waiting.entries().next();
    if (next.done) return;
    const [who, draw] = next.value;
    waiting.delete(who);
    drawing = who;
    // Not all that is ready at once: React would commit it, and run its effects, in one task.
    startTransition(draw);
  });
}

function endTurn(who: object): void {
  if (drawing !== who) return;
  drawing = null;
  schedule();
}

/** Follows `value` when this component's turn has come, undefined until its first; of several values in the meantime, the newest. */
export function useInTurn<T>(value: T): T | undefined {
  const [shown, setShown] = useState<{ value: T }>();
  const [who] = useState(() => ({}));
  useEffect(() => {
    waiting.set(who, () => setShown({ value }));
    schedule();
    return () => void waiting.delete(who);
  }, [who, value]);
  useEffect(() => endTurn(who), [who, shown]);
  useEffect(() => () => endTurn(who), [who]);
  return shown?.value;
}
