import { useMemo } from 'react';
import { useLab } from '../state/context';
import { readDraft } from './draft';
import { useForm } from './store';

/** Starting the experiment in the form: the command, and why it cannot be given now. */
export function useStart(onStart: () => void) {
  const draft = useForm((form) => form.draft);
  const engine = useLab((lab) => lab.engine.state);
  const live = useLab((lab) => lab.live !== null);
  const busy = useLab((lab) => lab.busy);
  const startRun = useLab((lab) => lab.start);
  const { experiment, errors, warnings } = useMemo(() => readDraft(draft), [draft]);
  const wrong = Object.keys(errors).length;

  let blocked: string | null = null;
  if (engine === 'starting') blocked = 'Looking for a GPU …';
  else if (engine === 'unavailable')
    blocked = 'No GPU engine here: stored runs can be read, none can be started.';
  else if (live) blocked = 'One run at a time: stop the one under way first.';
  else if (wrong > 0)
    blocked = wrong === 1 ? 'One setting needs another value.' : `${wrong} settings need other values.`;
  else if (busy) blocked = 'One moment …';

  const start = () => {
    if (!experiment || blocked) return;
    onStart();
    void startRun(experiment);
  };
  return { start, blocked, errors, warnings, starting: busy === 'start' };
}
