/** Redraws that share the main thread: one at a time, each in a task of its own. */
import { useEffect, useState } from 'react';
import { flushSync } from 'react-dom';

/** What still has to be drawn, in order of asking. */
const waiting = new Map<object, () => void>();
let scheduled = false;

function drawNext(): void {
  const next = waiting.entries().next();
  if (next.done) {
    scheduled = false;
    return;
  }
  const [who, draw] = next.value;
  waiting.delete(who);
  // Not left to React, which would draw in one task all that is ready by the time it comes to run.
  flushSync(draw);
  setTimeout(drawNext);
}

/** Follows `value` when this component's turn has come; of several values in the meantime, the newest. */
export function useInTurn<T>(value: T): T {
  const [shown, setShown] = useState(value);
  const [who] = useState(() => ({}));
  useEffect(() => {
    waiting.set(who, () => setShown(value));
    if (!scheduled) {
      scheduled = true;
      setTimeout(drawNext);
    }
    return () => void waiting.delete(who);
  }, [who, value]);
  return shown;
}
