import { useMemo } from 'react';
import type { RunRecord } from '../../store/types';
import { StatusPill } from '../panels/StatusPill';
import { useLab } from '../state/context';
import { experimentOf } from '../state/membership';
import { heldRun, shownStatus } from '../state/reduce';
import { ArmMark } from './ArmMark';
import type { Sides } from './sides';
import { stepsOf } from './steps';

/** The runs of a comparison: a row an arm, a column a seed; runs chosen by hand stand in one column. */
export function QueueGrid({ arms, planned }: Pick<Sides, 'arms' | 'planned'>) {
  const seeds = useMemo(
    () => [...new Set(arms.flatMap(({ runs }) => runs.map(seedOf)))].sort((a, b) => a - b),
    [arms],
  );
  const columns = planned
    ? seeds.map((seed) => ({ title: `Seed ${seed}`, holds: (run: RunRecord) => seedOf(run) === seed }))
    : [{ title: 'Run', holds: () => true }];
  return (
    <div className="wide-table" role="region" aria-label="Runs" tabIndex={0}>
      <table className="table queue">
        <thead>
          <tr>
            <th scope="col">Arm</th>
            {columns.map(({ title }) => (
              <th key={title} scope="col">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {arms.map(({ name, runs }, i) => (
            <tr key={name}>
              <th scope="row">
                <ArmMark arm={i} /> {name}
              </th>
              {columns.map(({ title, holds }) => {
                const run = runs.find(holds);
                return <td key={title}>{run && <Cell run={run} />}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const seedOf = (run: RunRecord): number => experimentOf(run)?.seed ?? 0;

function Cell({ run }: { run: RunRecord }) {
  const live = useLab((lab) => heldRun(lab, run.id));
  const openRun = useLab((lab) => lab.openRun);
  const status = shownStatus(run, live);
  const total = stepsOf(run);
  const step = Math.max(live?.step ?? 0, run.step);
  return (
    <button className="cell" title={`Open “${run.name}”`} onClick={() => void openRun(run.id)}>
      <StatusPill status={status} />
      {status !== 'queued' && status !== 'finished' && (
        <>
          <progress value={step} max={total} aria-label="Steps" />
          <span className="muted">
            {step}/{total}
          </span>
        </>
      )}
    </button>
  );
}
