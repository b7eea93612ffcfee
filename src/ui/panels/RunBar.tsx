import { useMemo } from 'react';
import { totalSteps } from '../../lab/schedule';
import { readExperiment } from '../../lab/schema';
import type { RunRecord } from '../../store/types';
import { formatDuration, formatValue } from '../format';
import { useLab } from '../state/context';
import { ExportMenu } from '../share/ExportMenu';
import { ShareDialog } from '../share/ShareDialog';
import { whyNot } from '../state/engine';
import { estimate } from '../state/estimate';
import { heldRun, shownStatus, type LiveRun, type Phase } from '../state/reduce';
import { Lineage } from './Lineage';
import { StatusPill } from './StatusPill';

const PHASES: Record<Phase, string> = {
  loading: 'Loading the model',
  filtering: 'Measuring difficulty',
  evaluating: 'Evaluating',
  sampling: 'Sampling responses',
  updating: 'Updating the weights',
  saving: 'Saving a checkpoint',
};

/** Steps of a stored experiment; 0 when the document cannot be read. */
function scheduleOf(run: RunRecord): { total: number; evalSteps: number; sftSteps: number } {
  const experiment = readExperiment(run.experiment);
  if (!experiment) return { total: 0, evalSteps: 1, sftSteps: 0 };
  const { schedule, sft } = experiment;
  return { total: totalSteps(experiment), evalSteps: schedule.eval_steps, sftSteps: sft.steps };
}

/** Name, commands, progress, pace and trouble of the open run. */
export function RunBar({ run }: { run: RunRecord }) {
  const live = useLab((lab) => heldRun(lab, run.id));
  const watching = useLab((lab) => Object.hasOwn(lab.elsewhere, run.id));
  const metrics = useLab((lab) => lab.open?.metrics);
  const accuracy = useLab((lab) => lab.accuracy[run.id]);
  const experiment = useMemo(() => readExperiment(run.experiment), [run.experiment]);
  const status = shownStatus(run, live);
  const schedule = useMemo(() => scheduleOf(run), [run]);
  const total = live?.maxSteps || schedule.total;
  const step = live && !watching ? live.step : Math.max(live?.step ?? 0, run.step);
  const pace = useMemo(() => estimate(metrics ?? [], { ...schedule, total }), [metrics, total, schedule]);

  return (
    <section className="run-bar" aria-label="Run">
      <div className="run-head">
        <h2>{run.name}</h2>
        <StatusPill status={status} step={step} />
        <Commands run={run} />
        <ShareDialog experiment={experiment} metrics={metrics} />
        <ExportMenu run={run} />
      </div>
      <div
        className="progress"
        role="progressbar"
        aria-label="Steps"
        aria-valuemin={0}
        aria-valuemax={total}
        aria-valuenow={step}
      >
        <div style={{ width: `${total > 0 ? (100 * step) / total : 0}%` }} />
      </div>
      <dl className="facts">
        <Fact label="Step" value={`${step} of ${total}`} />
        {pace && <Fact label="Pace" value={`${formatDuration(pace.secondsPerStep)} per step`} />}
        {pace?.secondsLeft !== undefined && live && (
          <Fact label="Time left" value={formatDuration(pace.secondsLeft)} />
        )}
        {accuracy !== undefined && <Fact label="Greedy accuracy" value={formatValue(accuracy, '%')} />}
        <PhaseFact live={live} />
      </dl>
      <Lineage run={run} />
      {watching && (
        <p className="muted" role="status">
          Another tab computes this run; this one watches. It can be paused and stopped there.
        </p>
      )}
      {status === 'interrupted' && (
        <p className="muted">
          The page was closed or reloaded while this run was under way. “Continue” goes on from its last
          checkpoint.
        </p>
      )}
      {run.error && <p className="error">{run.error}</p>}
    </section>
  );
}

function Fact({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function PhaseFact({ live }: { live: LiveRun | null }) {
  if (!live?.phase) return null;
  const { name, done, total } = live.phase;
  return (
    <div className="phase">
      <dt>{live.status === 'paused' ? 'Paused after' : 'Now'}</dt>
      <dd>
        {PHASES[name]}
        {total > 1 && (
          <>
            <progress value={done} max={total} aria-label={PHASES[name]} />
            <span className="muted">
              {done}/{total}
            </span>
          </>
        )}
      </dd>
    </div>
  );
}

function Commands({ run }: { run: RunRecord }) {
  const live = useLab((lab) => lab.live);
  const held = useLab((lab) => heldRun(lab, run.id));
  const busy = useLab((lab) => lab.busy);
  const occupied = useLab(whyNot);
  const command = useLab((lab) => lab.command);
  const continueRun = useLab((lab) => lab.continueRun);
  const status = shownStatus(run, held);
  if (live?.runId === run.id) {
    return (
      <div className="commands">
        {live.status === 'running' ? (
          <button onClick={() => void command('pause')} disabled={busy !== null}>
            {busy === 'pause' ? 'Pausing …' : 'Pause'}
          </button>
        ) : (
          <button className="primary" onClick={() => void command('unpause')} disabled={busy !== null}>
            Resume
          </button>
        )}
        <button onClick={() => void command('stop')} disabled={busy !== null}>
          {busy === 'stop' ? 'Stopping …' : 'Stop'}
        </button>
      </div>
    );
  }
  if (held || status === 'finished') return null;
  return (
    <div className="commands">
      <button
        className="primary"
        onClick={() => void continueRun(run.id)}
        disabled={occupied !== null || busy !== null}
      >
        {busy === 'continue' ? 'Continuing …' : status === 'queued' ? 'Start' : 'Continue'}
      </button>
    </div>
  );
}
