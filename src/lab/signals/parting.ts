/** Where two curves part: something rises from one evaluation to another, and accuracy does not come with it. */
import type { StepMetrics } from '../metrics';
import { LIKELY, PROBABLY, SURELY, isAbove, meanAt, mostGain, seriesOf, shareError } from './series';
import type { Mean, Series } from './series';
import type { SampleSizes } from './types';

/** Steps behind a mean of a training curve: about as many as lie between two evaluations. */
const WINDOW = 8;

export interface Parting {
  risen: [Mean, Mean];
  heldOut: [Mean, Mean];
  train: [Mean, Mean];
}

export interface Curves {
  risen: Series;
  /** Of the sampled evaluation where there is one: greedy answers stop improving long before the policy does. */
  heldOut: Series;
  train: Series;
}

/** Undefined before the second evaluation and the first steps. */
export function curvesOf(metrics: readonly StepMetrics[], risen: string, sizes: SampleSizes) {
  const heldOut = (['sampled', 'greedy'] as const)
    .map((mode) => ({ ...seriesOf(metrics, `eval/${mode}/accuracy`), n: sizes[mode] }))
    .find(({ points }) => points.length > 1);
  const curves = {
    risen: seriesOf(metrics, risen),
    train: seriesOf(metrics, 'accuracy', sizes.step),
  };
  if (!heldOut || curves.risen.points.length < WINDOW || curves.train.points.length < WINDOW)
    return undefined;
  // Its differences are progress, not noise: evaluations are far apart.
  return { ...curves, heldOut: { ...heldOut, errorOf: (value: number) => shareError(value, heldOut.n) } };
}

/**
 * The first evaluation at which `parts` holds, against the best one before it or against the first, with the last evaluation
 * for which it holds against the same one.
 */
export function partingOf(curves: Curves, parts: (parting: Parting) => boolean) {
  const evaluations = curves.heldOut.points.map(({ step, value }) => ({
    heldOut: { from: step, to: step, value, error: curves.heldOut.errorOf(value) },
    risen: meanAt(curves.risen, step, WINDOW)!,
    train: meanAt(curves.train, step, WINDOW)!,
  }));
  const from = (a: (typeof evaluations)[number], b: (typeof evaluations)[number]): Parting => ({
    heldOut: [a.heldOut, b.heldOut],
    risen: [a.risen, b.risen],
    train: [a.train, b.train],
  });
  let best = evaluations[0];
  for (const [j, now] of evaluations.entries()) {
    const before = [best, evaluations[0]].find((b) => parts(from(b, now)));
    if (before) {
      const last = evaluations.findLastIndex((e, k) => k >= j && parts(from(before, e)));
      return { ...from(before, evaluations[last]), over: last < evaluations.length - 1 };
    }
    if (now.heldOut.value >= best.heldOut.value) best = now;
  }
  return undefined;
}

/** Surely up, and by more than `least`. */
export const rose = ([a, b]: [Mean, Mean], least: number): boolean =>
  isAbove(b, a, SURELY) && b.value - a.value > least;

/** Held-out accuracy not noticeably up, and accuracy on the training problems surely not up by `gain`. */
export const isWithoutGain = ({ heldOut, train }: Parting, gain: number): boolean =>
  !isAbove(heldOut[1], heldOut[0], PROBABLY) && mostGain(...train, LIKELY) < gain;
