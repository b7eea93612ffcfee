/**
 * Share links: `<page>#link=1.<payload>`. The payload holds the differences of an experiment from a frozen preset and, as a
 * choice, the curves of a run of it. Opening one changes nothing: the person who opens it decides.
 */
import { z } from 'zod';
import type { StepMetrics } from '../lab/metrics';
import { ExperimentError, parseExperiment, type Experiment } from '../lab/schema';
import { BASES } from './bases';
import { shareCurves, sharedCurvesSchema, type SharedCurves } from './curves';
import { applyDifference, differenceFrom, isJson, type Json } from './difference';
import { LinkError } from './error';
import { pack, unpack } from './payload';

const VERSION = '1';
const PARAMETER = 'link';

/** What a link holds. `base` names a frozen preset; without one `changes` is the whole document. */
const contentsSchema = z.strictObject({
  base: z.string().max(40).optional(),
  changes: z.record(z.string(), z.unknown()),
  curves: sharedCurvesSchema.optional(),
});

export interface Shared {
  experiment: Experiment;
  /** Of the sender's run. */
  curves?: SharedCurves;
}

/**
 * The address fragment, without `#`.
 * @param metrics of a run of the experiment, to share its curves too
 * @throws LinkError when it would be too long
 */
export async function encodeLink(experiment: Experiment, metrics?: readonly StepMetrics[]): Promise<string> {
  const candidates = Object.entries(BASES).map(([base, document]) => ({
    base,
    changes: differenceFrom(parseExperiment(document) as Json, experiment),
  }));
  const size = (changes: Json) => JSON.stringify(changes).length;
  const best = candidates.reduce((a, b) => (size(b.changes) < size(a.changes) ? b : a));
  const contents = { ...best, ...(metrics && { curves: shareCurves(metrics) }) };
  return `${PARAMETER}=${VERSION}.${await pack(contents)}`;
}

/** Whether an address fragment (with or without `#`) is meant as a share link. */
export const isLink = (fragment: string): boolean => fragment.replace(/^#/, '').startsWith(`${PARAMETER}=`);

/**
 * @param text a fragment or a whole address
 * @throws LinkError saying why it cannot be opened
 */
export async function decodeLink(text: string): Promise<Shared> {
  const fragment = text.trim().slice(text.trim().indexOf('#') + 1);
  const [, version, payload] = /^link=([^.]{1,8})\.(.*)$/s.exec(fragment) ?? [];
  if (payload === undefined) throw new LinkError('it does not look like a link of this lab');
  if (version !== VERSION)
    throw new LinkError('it was made by another version of the lab', 'A newer version may open it.');
  const contents = contentsSchema.safeParse(await unpack(payload));
  if (!contents.success) throw new LinkError('its contents are not what a link of this lab holds');
  const { base, changes, curves } = contents.data;
  return { experiment: experimentOf(base, changes), ...(curves && { curves: checkedCurves(curves) }) };
}

function experimentOf(base: string | undefined, changes: Json): Experiment {
  try {
    if (base === undefined) return parseExperiment(changes);
    if (!Object.hasOwn(BASES, base))
      throw new LinkError(
        `it starts from ${JSON.stringify(base)}, which this version of the lab does not have`,
      );
    const start = parseExperiment(BASES[base]) as unknown;
    if (!isJson(start)) throw new TypeError('a document is an object');
    return parseExperiment(applyDifference(start, changes));
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    const [first] = error.problems;
    throw new LinkError(`its settings do not fit together (${first.path}: ${first.message})`.slice(0, 400));
  }
}

function checkedCurves(curves: SharedCurves): SharedCurves {
  const { steps, values } = curves;
  const rising = steps.every((step, i) => i === 0 || step > steps[i - 1]);
  if (!rising || Object.values(values).some((line) => line.length !== steps.length))
    throw new LinkError('its curves are damaged');
  return curves;
}
