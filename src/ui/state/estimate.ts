/** How fast a run goes and how long it will still take, from the times it recorded. */
import type { StepMetrics } from '../../lab/metrics';

export interface Estimate {
  secondsPerStep: number;
  secondsLeft: number;
}

const RECENT = 10;

/**
 * Mean of the last ten steps' sampling and update times; evaluations still to come are added at the cost of the last one.
 * @returns null before the first timed step.
 */
export function estimate(
  metrics: readonly StepMetrics[],
  maxSteps: number,
  evalSteps: number,
): Estimate | null {
  const timed = metrics.filter((m) => m['time/rollout'] !== undefined).slice(-RECENT);
  if (timed.length === 0) return null;
  const sum = timed.reduce((s, m) => s + m['time/rollout'] + (m['time/update'] ?? 0), 0);
  const secondsPerStep = sum / timed.length;
  const step = metrics[metrics.length - 1].step;
  const evalTime = metrics.findLast((m) => m['time/eval'] > 0)?.['time/eval'] ?? 0;
  const evaluations = Math.ceil(maxSteps / evalSteps) - Math.floor(step / evalSteps);
  const secondsLeft = (maxSteps - step) * secondsPerStep + (step < maxSteps ? evaluations * evalTime : 0);
  return { secondsPerStep, secondsLeft };
}
