import { useMemo } from 'react';
import { useLab } from '../state/context';
import { whyNot } from '../state/engine';
import { useStorage } from '../storage/store';
import { readDraft } from './draft';
import { useForm } from './store';

/** Starting the experiment in the form: the command, and why it cannot be given now. */
export function useStart(onStart: () => void) {
  const draft = useForm((form) => form.draft);
  const busy = useLab((lab) => lab.busy);
  const occupied = useLab(whyNot);
  const startRun = useLab((lab) => lab.start);
  const forkRun = useLab((lab) => lab.fork);
  const fork = useForm((form) => form.fork);
  const noFork = useForm((form) => form.noFork);
  const testedReward = useForm((form) => form.testedReward);
  const { experiment, errors, warnings } = useMemo(() => readDraft(draft), [draft]);
  const wrong = Object.keys(errors).length;

  const wanting = wrong === 1 ? 'One setting needs another value.' : `${wrong} settings need other values.`;
  const { custom, custom_code } = experiment?.reward ?? { custom: 0 };
  const untested = custom !== 0 && custom_code !== testedReward;
  let blocked = occupied;
  if (wrong > 0) blocked ??= wanting;
  if (untested) blocked ??= 'Test the own reward function first.';
  if (busy) blocked ??= 'One moment …';

  const start = () => {
    if (!experiment || blocked) return;
    onStart();
    if (!fork) return void startRun(experiment, useStorage.getState().keepEvery);
    noFork();
    void forkRun(fork.run, fork.step, experiment);
  };
  return { start, blocked, experiment, errors, warnings, starting: busy === 'start' };
}
