import type { Lab } from './lab';

/** Why no run can be started or continued now; null when one can. */
export function whyNot({ engine, live, queue }: Lab): string | null {
  if (engine.state === 'starting') return 'Looking for a GPU …';
  if (engine.state === 'unavailable')
    return 'No GPU engine here: stored runs can be read, none can be started.';
  if (live) return 'One run at a time: stop the one under way first.';
  if (queue) return 'The runs of a comparison are under way: stop them first.';
  return null;
}
