import type { TooltipPayload } from 'recharts';
import type { StepMetrics } from '../../lab/metrics';

/** The row under the pointer, as recharts hands it to a tooltip: with each line's entry. */
export function rowOf(payload: TooltipPayload): StepMetrics | undefined {
  return (payload.at(0) as { payload?: StepMetrics } | undefined)?.payload;
}
