import { totalSteps } from '../../lab/schedule';
import type { RunRecord } from '../../store/types';
import { experimentOf } from '../state/membership';

/** Steps of the whole run; where its document cannot be read, those that were made. */
export function stepsOf(run: RunRecord): number {
  const experiment = experimentOf(run);
  return experiment ? totalSteps(experiment) : run.step;
}
