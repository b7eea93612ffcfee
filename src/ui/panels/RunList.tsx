import { useMemo, useState } from 'react';
import { CompareDialog } from '../compare/CompareDialog';
import { ImportRuns } from '../share/ImportRuns';
import type { RunRecord } from '../../store/types';
import { useLab } from '../state/context';
import { StorageLine } from '../storage/StorageLine';
import { storedComparisons } from '../state/membership';
import { DeleteDialog, RenameDialog } from './RunDialogs';
import { ForkDialog } from './ForkDialog';
import { RunGroup } from './RunGroup';
import { RunItem, type RunDialog } from './RunItem';

interface Props {
  onOpen: () => void;
  onSettings: () => void;
}

/** The runs stored in this browser, newest first; those of a comparison together. */
export function RunList({ onOpen, onSettings }: Props) {
  const runs = useLab((lab) => lab.runs);
  const listed = useLab((lab) => lab.listed);
  const [dialog, setDialog] = useState<{ kind: RunDialog; run: RunRecord } | null>(null);
  const comparisons = useMemo(() => storedComparisons(runs), [runs]);
  const close = () => setDialog(null);
  if (runs.length === 0) {
    return (
      <ImportRuns onOpen={onOpen}>
        <p className="muted pad">
          {listed
            ? 'No runs yet. Every run is kept in this browser and shows up here.'
            : 'Reading stored runs …'}
        </p>
      </ImportRuns>
    );
  }
  const item = (run: RunRecord) => (
    <RunItem key={run.id} {...{ run, onOpen, onSettings }} onDialog={(kind) => setDialog({ kind, run })} />
  );
  return (
    <ImportRuns onOpen={onOpen}>
      <StorageLine />
      {comparisons.map((comparison) => (
        <RunGroup key={comparison.id} comparison={comparison} onOpen={onOpen}>
          {comparison.members.map(({ run }) => item(run))}
        </RunGroup>
      ))}
      <ul className="runs">{runs.filter(({ comparisons }) => !comparisons?.length).map(item)}</ul>
      {dialog?.kind === 'rename' && <RenameDialog run={dialog.run} onClose={close} />}
      {dialog?.kind === 'delete' && <DeleteDialog run={dialog.run} onClose={close} />}
      {dialog?.kind === 'fork' && <ForkDialog run={dialog.run} onSettings={onSettings} onClose={close} />}
      {dialog?.kind === 'compare' && <CompareDialog run={dialog.run} onOpen={onOpen} onClose={close} />}
    </ImportRuns>
  );
}
