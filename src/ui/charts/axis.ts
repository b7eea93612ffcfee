/** The scale of one axis, chosen here: recharts would measure each tick's text for it, at every redraw. */
import { nice, ticks } from 'd3-array';

export type Ends = readonly [low: number | undefined, high: number | undefined];

/**
 * Round ends of an axis that holds `values` and 0, with about `count` ticks: a cropped axis makes noise look like news.
 * An end that is given in `fixed` stays as it is.
 */
export function axisEnds(
  values: Iterable<number>,
  count: number,
  fixed: Ends = [undefined, undefined],
): [low: number, high: number] {
  let [low, high] = [fixed[0] ?? 0, fixed[1] ?? 0];
  for (const value of values) {
    if (fixed[0] === undefined && value < low) low = value;
    if (fixed[1] === undefined && value > high) high = value;
  }
  if (high <= low) high = low + 1;
  const [niceLow, niceHigh] = nice(low, high, count);
  return [fixed[0] ?? niceLow, fixed[1] ?? niceHigh];
}

/** Round values between the ends, about `count` of them. */
export const axisTicks = (low: number, high: number, count: number): number[] => ticks(low, high, count);

/** The same for steps, which are whole. */
export const stepTicks = (lastStep: number, count: number): number[] =>
  axisTicks(0, lastStep, Math.min(count, lastStep)).filter(Number.isInteger);
