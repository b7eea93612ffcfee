import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { RolloutRecord } from '../../store/types';
import { useLab } from '../state/context';
import { messageOf } from '../state/lab';
import { KeywordLegend, reflects } from './Highlighted';
import { RolloutCard } from './RolloutCard';

type Outcome = 'all' | 'right' | 'wrong';
const NONE: RolloutRecord[] = [];

/** The training responses of one step: the newest, unless another is chosen. */
export function Rollouts() {
  const latest = useLab((lab) => lab.open?.latest ?? NONE);
  const lastStep = useLab((lab) => lab.open?.metrics.at(-1)?.step ?? 0);
  const [chosen, setChosen] = useState<number | null>(null);
  const [outcome, setOutcome] = useState<Outcome>('all');
  const [reflecting, setReflecting] = useState(false);
  const older = useStoredRollouts(chosen);
  const rollouts = chosen === null ? latest : older.rollouts;
  const step = chosen ?? latest[0]?.step ?? lastStep;
  const shown = useMemo(
    () =>
      rollouts.filter(
        (r) =>
          (outcome === 'all' || r.correct === (outcome === 'right')) && (!reflecting || reflects(r.response)),
      ),
    [rollouts, outcome, reflecting],
  );
  const choose = (next: number) => setChosen(Math.min(Math.max(1, next), Math.max(1, lastStep)));

  return (
    <section aria-label="Rollouts">
      <div className="toolbar">
        <div className="stepper" role="group" aria-label="Step">
          <button onClick={() => choose(step - 1)} disabled={step <= 1} aria-label="Previous step">
            ‹
          </button>
          <label>
            Step{' '}
            <input
              type="number"
              min={1}
              max={lastStep}
              value={step}
              onChange={(event) => event.target.value && choose(Number(event.target.value))}
            />
          </label>
          <button onClick={() => choose(step + 1)} disabled={step >= lastStep} aria-label="Next step">
            ›
          </button>
          <button
            aria-pressed={chosen === null}
            onClick={() => setChosen(chosen === null ? step : null)}
            disabled={lastStep === 0}
          >
            Follow latest
          </button>
        </div>
        <div className="segmented" role="group" aria-label="Outcome">
          {(['all', 'right', 'wrong'] as const).map((name) => (
            <button key={name} aria-pressed={outcome === name} onClick={() => setOutcome(name)}>
              {name}
            </button>
          ))}
        </div>
        <label className="check">
          <input
            type="checkbox"
            checked={reflecting}
            onChange={(event) => setReflecting(event.target.checked)}
          />{' '}
          with reflection
        </label>
        <span className="muted" role="status">
          {older.error ?? (older.loading ? 'Reading …' : `${shown.length} of ${rollouts.length} responses`)}
        </span>
        <KeywordLegend />
      </div>
      {rollouts.length === 0 && !older.loading ? (
        <p className="muted pad">
          No responses are kept for this step{lastStep === 0 ? ' yet: the first arrive with step 1' : ''}.
        </p>
      ) : (
        <CardList rollouts={shown} />
      )}
    </section>
  );
}

function CardList({ rollouts }: { rollouts: RolloutRecord[] }) {
  const frame = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the page is built without the React compiler
  const virtual = useVirtualizer({
    count: rollouts.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 190,
    overscan: 4,
    gap: 10,
  });
  return (
    <div className="card-list" ref={frame} tabIndex={0} role="region" aria-label="Responses">
      <div role="list" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            role="listitem"
            aria-setsize={rollouts.length}
            aria-posinset={item.index + 1}
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <RolloutCard rollout={rollouts[item.index]} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** Reads a chosen step's rollouts from storage; nothing for null. */
function useStoredRollouts(step: number | null): {
  rollouts: RolloutRecord[];
  loading: boolean;
  error?: string;
} {
  const rolloutsAt = useLab((lab) => lab.rolloutsAt);
  const [read, setRead] = useState<{ step: number; rollouts: RolloutRecord[]; error?: string } | null>(null);
  useEffect(() => {
    if (step === null) return;
    let current = true;
    rolloutsAt(step).then(
      (rollouts) => current && setRead({ step, rollouts }),
      (error: unknown) => current && setRead({ step, rollouts: [], error: messageOf(error) }),
    );
    return () => {
      current = false;
    };
  }, [step, rolloutsAt]);
  if (step === null) return { rollouts: NONE, loading: false };
  return read?.step === step
    ? { ...read, loading: false }
    : { rollouts: read?.rollouts ?? NONE, loading: true };
}
