/** Numbers in the sentences of the rules. */
import { METRICS } from '../metrics';
import type { Change } from './types';

const number = (value: number): string =>
  Number.isFinite(value)
    ? value.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: Math.abs(value) >= 1000 })
    : 'not finite';

const percent = (value: number): string => `${(value * 100).toFixed(1)}%`;

/** A metric's value with its unit; shares as percentages. */
export function worded(metric: string, value: number): string {
  const unit = METRICS[metric.replace(/^eval\/(greedy|sampled)\//, '')]?.unit;
  return unit === '%' ? percent(value) : number(value);
}

/** "from 20.1% to 45.3%" */
export const values = ({ metric, from, to }: Change): string =>
  `from ${worded(metric, from.value)} to ${worded(metric, to.value)}`;

/** "from 0.2 to 0.04 nats (steps 1 to 40)" */
export const fromTo = (change: Change, unit = ''): string =>
  `${values(change)}${unit && ` ${unit}`} (steps ${change.from.step} to ${change.to.step})`;
