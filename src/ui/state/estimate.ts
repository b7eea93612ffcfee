/** How fast a run goes and how long it will still take, from the times it recorded. */
import type { StepMetrics } from '../../lab/metrics';

export interface Estimate {
  secondsPerStep: number;
  /** Not known before the first RL step, which takes longer than those of SFT. */
  secondsLeft?: number;
}

export interface PlannedSteps {
  /** SFT and RL steps. */
  total: number;
  sftSteps: number;
  evalSteps: number;
}

const RECENT = 10;

/**
 * Mean of the last ten steps' sampling and update times, of RL once there are any; evaluations still to come are added at
 * the cost of the last one.
 * @returns null before the first timed step.
 */
export function estimate(
  metrics: readonly StepMetrics[],
  { total, sftSteps, evalSteps }: PlannedSteps,
): Estimate | null {
  const timed = metrics.filter((m) => m['time/update'] !== undefined);
  const rl = timed.filter((m) => m['time/rollout'] !== undefined);
  const recent = (rl.length ? rl : timed).slice(-RECENT);
  if (recent.length === 0) return null;
  const sum = recent.reduce((s, m) => s + (m['time/rollout'] ?? 0) + m['time/update'], 0);
  const secondsPerStep = sum / recent.length;
  if (rl.length === 0) return { secondsPerStep };
  const step = metrics[metrics.length - 1].step;
  const evalTime = metrics.findLast((m) => m['time/eval'] > 0)?.['time/eval'] ?? 0;
  const evaluations = Math.ceil((total - sftSteps) / evalSteps) - Math.floor((step - sftSteps) / evalSteps);
  const secondsLeft = (total - step) * secondsPerStep + (step < total ? evaluations * evalTime : 0);
  return { secondsPerStep, secondsLeft };
}
