import { useMemo } from 'react';
import type { RunRecord } from '../../store/types';
import { useLab, useThrottled } from '../state/context';
import { shownStatus, type Comparing } from '../state/reduce';
import { ArmCharts } from './ArmCharts';
import { Downloads } from './Downloads';
import { QueueCommands } from './QueueCommands';
import { QueueGrid } from './QueueGrid';
import { Setup } from './Setup';
import { metricsOfSides, settingsOfSides, sidesOfComparison, sidesOfRuns, type Sides } from './sides';
import { stepsOf } from './steps';
import { EndTable, SettingsTable } from './Tables';
import { Verdict } from './Verdict';

const REDRAW_MS = 500;

/** Several runs side by side, or the catalogue to plan them from. */
export function CompareView({ view }: { view: Comparing }) {
  const runs = useLab((lab) => lab.runs);
  const listed = useLab((lab) => lab.listed);
  const sides = useMemo(() => sidesOf(view, runs), [view, runs]);
  if (view.kind === 'setup') return <Setup />;
  if (!sides || sides.arms.length === 0)
    return (
      <p className="muted pad">
        {listed
          ? 'Nothing of this comparison is stored in this browser. It may have been deleted here or computed elsewhere.'
          : 'Reading stored runs …'}
      </p>
    );
  return <SideBySide key={JSON.stringify(view)} view={view} sides={sides} />;
}

function sidesOf(view: Comparing, runs: readonly RunRecord[]): Sides | undefined {
  switch (view.kind) {
    case 'setup':
      return undefined;
    case 'comparison':
      return sidesOfComparison(view.id, runs);
    case 'runs':
      return sidesOfRuns(view.ids, runs);
  }
}

function SideBySide({ view, sides: newest }: { view: Comparing; sides: Sides }) {
  const compared = useLab((lab) => lab.compared);
  const now = useMemo(() => ({ sides: newest, compared }), [newest, compared]);
  const { sides, compared: shown } = useThrottled(now, REDRAW_MS, view);
  const metrics = useMemo(() => metricsOfSides(sides, shown), [sides, shown]);
  const settings = useMemo(() => settingsOfSides(sides), [sides]);
  const lastStep = Math.max(1, ...sides.arms.flatMap(({ runs }) => runs.map(stepsOf)));
  return (
    <div className="compare">
      <Head view={view} sides={newest} />
      <Verdict comparison={sides.comparison} sides={metrics} />
      <ArmCharts sides={metrics} lastStep={lastStep} />
      <EndTable sides={metrics} />
      <SettingsTable arms={sides.arms.map(({ name }) => name)} settings={settings} />
      <Downloads sides={sides} metrics={metrics} />
    </div>
  );
}

function Head({ view, sides: { comparison, arms, planned } }: { view: Comparing; sides: Sides }) {
  const live = useLab((lab) => lab.live);
  const compare = useLab((lab) => lab.compare);
  const failed = arms.flatMap(({ runs }) => runs.filter((run) => shownStatus(run, live) === 'failed'));
  return (
    <section className="card compare-head" aria-label="Comparison">
      <div className="run-head">
        <h2>{comparison.title}</h2>
        {view.kind === 'comparison' && <QueueCommands id={view.id} title={comparison.title} arms={arms} />}
      </div>
      <p>{comparison.question}</p>
      <QueueGrid arms={arms} planned={planned} />
      {failed.map((run) => (
        <p key={run.id} className="error">
          {run.name}: {run.error ?? 'failed without a word'}
        </p>
      ))}
      <button className="link" onClick={() => void compare({ kind: 'setup' })}>
        All comparisons
      </button>
    </section>
  );
}
