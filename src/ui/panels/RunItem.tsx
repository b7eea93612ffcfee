import { DropdownMenu } from 'radix-ui';
import { useState } from 'react';
import type { RunRecord } from '../../store/types';
import { formatAgo, formatBytes, formatValue } from '../format';
import { useForm } from '../forms/store';
import { handOut } from '../share/exporter';
import { useLab } from '../state/context';
import { whyNot } from '../state/engine';
import { messageOf } from '../state/lab';
import { heldRun, shownStatus } from '../state/reduce';
import { useStorage } from '../storage/store';
import { StatusPill } from './StatusPill';

export type RunDialog = 'rename' | 'delete' | 'compare' | 'fork';

interface Props {
  run: RunRecord;
  onOpen: () => void;
  onSettings: () => void;
  onDialog: (kind: RunDialog) => void;
}

/** A stored run in the list: how it stands, and what can be done with it. */
export function RunItem({ run, onOpen, onSettings, onDialog }: Props) {
  const held = useLab((lab) => heldRun(lab, run.id));
  const isOpen = useLab((lab) => lab.comparing === null && lab.open?.id === run.id);
  const canContinue = useLab((lab) => whyNot(lab) === null && lab.busy === null);
  const accuracy = useLab((lab) => lab.accuracy[run.id]);
  const size = useStorage((storage) => storage.sizes[run.id]);
  const openRun = useLab((lab) => lab.openRun);
  const continueRun = useLab((lab) => lab.continueRun);
  const notify = useLab((lab) => lab.notify);
  const load = useForm((form) => form.load);
  const [now] = useState(() => Date.now());
  const status = shownStatus(run, held);

  const copySettings = () => {
    try {
      load(run.experiment);
      onSettings();
    } catch (error) {
      notify(messageOf(error));
    }
  };

  const save = () =>
    handOut((api) => api.runFile(run.id)).then(
      (note) => note !== undefined && notify(note),
      (error: unknown) => notify(messageOf(error)),
    );

  return (
    <li className="run" data-open={isOpen}>
      <button
        className="run-open"
        aria-current={isOpen ? 'true' : undefined}
        onClick={() => {
          void openRun(run.id);
          onOpen();
        }}
      >
        <span className="run-name">{run.name}</span>
        <span className="run-line">
          <StatusPill status={status} />
          <span>step {run.step}</span>
          {accuracy !== undefined && (
            <span title="Newest greedy evaluation">{formatValue(accuracy, '%')} right</span>
          )}
        </span>
        <span className="muted">
          {formatAgo(run.createdAt, now)}
          {size !== undefined && `, ${formatBytes(size)}`}
          {run.parent && `, forked at step ${run.parent.step}`}
        </span>
      </button>
      <DropdownMenu.Root>
        <DropdownMenu.Trigger className="more" aria-label={`Actions for ${run.name}`}>
          ⋯
        </DropdownMenu.Trigger>
        <DropdownMenu.Portal>
          <DropdownMenu.Content className="menu" align="end" collisionPadding={8}>
            {!held && status !== 'finished' && (
              <DropdownMenu.Item
                disabled={!canContinue}
                onSelect={() => {
                  void continueRun(run.id);
                  onOpen();
                }}
              >
                {status === 'queued' ? 'Start' : 'Continue from the last checkpoint'}
              </DropdownMenu.Item>
            )}
            <DropdownMenu.Item onSelect={() => onDialog('compare')}>Compare with …</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={() => onDialog('fork')}>Fork or rewind …</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={copySettings}>Copy settings to the form</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={() => void save()}>Save as a file</DropdownMenu.Item>
            <DropdownMenu.Item onSelect={() => onDialog('rename')}>Rename …</DropdownMenu.Item>
            <DropdownMenu.Item
              className="danger"
              disabled={held !== null}
              onSelect={() => onDialog('delete')}
            >
              Delete …
            </DropdownMenu.Item>
          </DropdownMenu.Content>
        </DropdownMenu.Portal>
      </DropdownMenu.Root>
    </li>
  );
}
