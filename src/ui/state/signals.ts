/** The open run's metrics as they are drawn, and what they tell. */
import { useMemo } from 'react';
import type { StepMetrics } from '../../lab/metrics';
import { evaluationSizes, findSignals, type Signal } from '../../lab/signals';
import type { RunRecord } from '../../store/types';
import { useLab, useThrottled } from './context';

const REDRAW_MS = 500;
const NONE: never[] = [];

export interface Curves {
  metrics: readonly StepMetrics[];
  /** Numbered on the page by their place, from 1. */
  signals: readonly Signal[];
}

/** At most twice a second a new object; what it holds belongs together. */
export function useCurves(run: RunRecord): Curves {
  const live = useLab((lab) => lab.open?.metrics ?? NONE);
  const loaded = useLab((lab) => lab.open?.loaded ?? false);
  const metrics = useThrottled(live, REDRAW_MS, loaded);
  const sizes = useMemo(() => evaluationSizes(run.experiment), [run.experiment]);
  return useMemo(() => ({ metrics, signals: findSignals(metrics, sizes) }), [metrics, sizes]);
}
