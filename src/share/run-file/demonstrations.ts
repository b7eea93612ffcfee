/** A person's own demonstrations, in the file of the run that learns from them, and out of it. */
import { sha256OfText, usesDemonstrations, type DemonstrationsReader } from '../../lab/demonstrations';
import { readExperiment, type Experiment } from '../../lab/schema';
import { parseDemonstrations } from '../../sft/dataset';
import { summaryOf } from '../../sft/summary';
import type { DemonstrationStore } from '../../store/demonstrations';
import type { RunContents } from './contents';
import { shortName, type PlacedDataset } from './dataset';
import { RunFileError } from './error';

const isOf = async ({ sft }: Experiment, text: string): Promise<boolean> =>
  sft.sha256 === '' || sft.sha256 === (await sha256OfText(text));

/**
 * The file that a run's cold start learns from; neither for a run without one.
 * @param read gives the file by what the experiment calls it; rejects where it is not to be had
 */
export async function demonstrationsText(
  experiment: Experiment | undefined,
  read: DemonstrationsReader,
): Promise<{ text?: string; problem?: string }> {
  if (!experiment || !usesDemonstrations(experiment)) return {};
  const { file } = experiment.sft;
  const left = (why: string) => ({
    problem: `Its file of demonstrations “${file}” is not in the file: ${why}. The run can go on without it once its cold start has begun; to run it anew, it is needed.`,
  });
  const text = await read(file).catch(() => undefined);
  if (text === undefined) return left('it is not here any more');
  return (await isOf(experiment, text)) ? { text } : left('it has changed since the run began');
}

/** @throws RunFileError when it is not the file that the run was made with, or holds no demonstrations */
export async function checkedDemonstrations(text: string, experiment: Experiment): Promise<string> {
  try {
    parseDemonstrations(text, 'demonstrations');
    if (await isOf(experiment, text)) return text;
  } catch {
    // Said below.
  }
  throw new RunFileError('its demonstrations are not those that the run was made with');
}

/** The same contents, with the demonstrations under another name. */
export function withDemonstrationsName(contents: RunContents, file: string): RunContents {
  const experiment = readExperiment(contents.run.experiment);
  if (!experiment || experiment.sft.file === file) return contents;
  const renamed = { ...experiment, sft: { ...experiment.sft, file } };
  return { ...contents, run: { ...contents.run, experiment: renamed } };
}

/** What is said of a run that came without the demonstrations that it began with; undefined for one that has them or none. */
export function missingDemonstrations({ run, demonstrations }: RunContents): string | undefined {
  const experiment = readExperiment(run.experiment);
  if (demonstrations !== undefined || !experiment || !usesDemonstrations(experiment)) return undefined;
  return `The cold start of this run learns from the file of demonstrations “${experiment.sft.file}”, which is not in the file. To run it anew, bring that file under this name.`;
}

/**
 * Stores the demonstrations of a run that came from elsewhere, unless they are there already. A file of the same name that
 * holds others is left as it is, and this one gets another name.
 * @throws StoreError
 */
export async function placeDemonstrations(
  contents: RunContents,
  store: DemonstrationStore,
): Promise<PlacedDataset> {
  const { run, demonstrations: text } = contents;
  const undo = () => Promise.resolve();
  if (text === undefined) return { contents, note: missingDemonstrations(contents), undo };
  const wanted = shortName(readExperiment(run.experiment)?.sft.file ?? '', 'demonstrations');
  const sha256 = await sha256OfText(text);
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted} (${n})`;
    const placed = withDemonstrationsName(contents, name);
    const there = await store.text(name);
    if (there === undefined) {
      const { id } = await store.add({ name, text, ...summaryOf(parseDemonstrations(text, name)) });
      return {
        contents: placed,
        note: `Its demonstrations were stored as “${name}”.`,
        undo: () => store.remove(id),
      };
    }
    if ((await sha256OfText(there)) === sha256)
      return { contents: placed, note: `Its demonstrations are here already, as “${name}”.`, undo };
  }
}
