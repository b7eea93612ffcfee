import { useId, useMemo, useState } from 'react';
import { differingSettings } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import type { Comparison } from '../../lab/comparisons/types';
import { totalSteps } from '../../lab/schedule';
import { Field } from '../forms/Field';
import { useLab } from '../state/context';
import { whyNot } from '../state/engine';
import { equalRun } from '../state/membership';
import { useStorage } from '../storage/store';
import { SEEDS, planOf, sharedFields, valueOf, type Changes, type Plan } from './plan';
import { SettingsTable } from './Tables';
import { StoredComparisons } from './StoredComparisons';

/** Choosing a comparison of the catalogue, how many seeds, and how long. */
export function Setup() {
  const id = useId();
  const [name, setName] = useState(Object.keys(COMPARISONS)[0]);
  const [changes, setChanges] = useState<Changes>({});
  const comparison = COMPARISONS[name];
  const plan = useMemo(() => planOf(comparison, changes), [comparison, changes]);

  return (
    <div className="compare">
      <section className="card setup" aria-labelledby={`${id}-title`}>
        <h2 id={`${id}-title`}>Compare</h2>
        <p className="muted">
          One question of the study, asked as several arms that differ in a few settings. Their runs are
          computed one after the other, each arm with several seeds, so that chance can be told from effect.
        </p>
        <div className="preset">
          <label htmlFor={`${id}-name`}>Comparison</label>
          <select id={`${id}-name`} value={name} onChange={(event) => setName(event.target.value)}>
            {Object.entries(COMPARISONS).map(([key, { title }]) => (
              <option key={key} value={key}>
                {title}
              </option>
            ))}
          </select>
        </div>
        <p className="question">{comparison.question}</p>
        <Arms comparison={comparison} />
        <SharedFields {...{ comparison, changes, plan, setChanges }} />
        <RunComparison name={name} plan={plan} />
      </section>
      <StoredComparisons />
    </div>
  );
}

function Arms({ comparison }: { comparison: Comparison }) {
  const settings = useMemo(() => differingSettings(comparison), [comparison]);
  const { arms, findings } = comparison;
  return (
    <>
      {arms.length > 1 && <SettingsTable arms={arms.map((arm) => arm.name)} settings={settings} />}
      {findings.length > 0 && (
        <div>
          <h3>What the paper found</h3>
          <ul className="findings">
            {[...new Set(findings.map(({ paper }) => paper))].map((paper) => (
              <li key={paper}>{paper}</li>
            ))}
          </ul>
        </div>
      )}
    </>
  );
}

interface FieldsProps {
  comparison: Comparison;
  changes: Changes;
  plan: Plan;
  setChanges: (change: (before: Changes) => Changes) => void;
}

function SharedFields({ comparison, changes, plan, setChanges }: FieldsProps) {
  return (
    <div role="group" aria-label="For all arms">
      <h3>For all arms</h3>
      <div className="shared-fields">
        {[SEEDS, ...sharedFields(comparison)].map((field) => {
          const own = valueOf(comparison, field);
          const value = changes[field.path] ?? own;
          return (
            <Field
              key={field.path}
              field={field}
              value={value}
              preset={value === own ? undefined : own}
              error={plan.errors[field.path]}
              onChange={(path, text) => setChanges((before) => ({ ...before, [path]: text }))}
            />
          );
        })}
      </div>
      {plan.conflicts.map((conflict) => (
        <p key={conflict} className="error">
          {conflict}
        </p>
      ))}
    </div>
  );
}

function RunComparison({ name, plan: { runs } }: { name: string; plan: Plan }) {
  const occupied = useLab(whyNot);
  const busy = useLab((lab) => lab.busy);
  const planComparison = useLab((lab) => lab.planComparison);
  const stored = useLab((lab) => lab.runs);
  const done = useMemo(
    () => runs.filter(({ experiment }) => equalRun(experiment, stored)?.status === 'finished').length,
    [runs, stored],
  );
  const steps = runs.reduce((sum, { experiment }) => sum + totalSteps(experiment), 0);
  return (
    <div className="actions">
      <button
        className="primary"
        disabled={runs.length === 0 || occupied !== null || busy !== null}
        onClick={() => void planComparison(name, runs, useStorage.getState().keepEvery)}
      >
        {busy === 'start' ? 'Starting …' : 'Run comparison'}
      </button>
      <p className="muted" role="status">
        {runs.length === 0
          ? 'A setting needs another value.'
          : (occupied ??
            `${runs.length} runs, ${steps} steps in all${done ? `; ${done} are stored already` : ''}.`)}
      </p>
    </div>
  );
}
