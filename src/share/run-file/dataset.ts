/** A person's own questions, in the file of the run that asks them, and out of it. */
import type { DatasetReader } from '../../lab/dataset';
import { readExperiment, usesDataset, type Experiment } from '../../lab/schema';
import { MAX_NAME, type DatasetStore } from '../../store/datasets';
import { importProblems, sha256OfProblems, type ImportReport } from '../../tasks/import';
import type { Problem } from '../../tasks/types';
import type { RunContents } from './contents';
import { RunFileError } from './error';

/** JSON lines that `lab data` and the page read as the same problems. */
export const datasetLines = (problems: readonly Problem[]): string =>
  problems
    .map(({ prompt, answer, level }) => `${JSON.stringify({ question: prompt, answer, level })}\n`)
    .join('');

const isOf = async (experiment: Experiment, problems: readonly Problem[]): Promise<boolean> =>
  experiment.data.sha256 === '' || experiment.data.sha256 === (await sha256OfProblems(problems));

/**
 * The data set that a run asks its questions from; neither for a run that asks generated ones.
 * @param read gives the data set by what the experiment calls it; rejects where it is not to be had
 */
export async function datasetText(
  experiment: Experiment | undefined,
  read: DatasetReader,
): Promise<{ text?: string; problem?: string }> {
  if (!experiment || !usesDataset(experiment)) return {};
  const { file } = experiment.data;
  const left = (why: string) => ({
    problem: `Its data set “${file}” is not in the file: ${why}. The run can be looked at without it; to go on with it, the data set is needed.`,
  });
  const problems = await read(file).catch(() => undefined);
  if (!problems) return left('it is not here any more');
  if (!(await isOf(experiment, problems))) return left('it has changed since the run began');
  const text = datasetLines(problems);
  const again = importProblems(text, { format: 'jsonl' }).problems;
  const isSame = (await sha256OfProblems(again)) === (await sha256OfProblems(problems));
  return isSame ? { text } : left('its questions would not be read back as they are');
}

/** @throws RunFileError when it is not the data set that the run was made with */
export async function parseDataset(text: string, experiment: Experiment): Promise<ImportReport> {
  let report: ImportReport | undefined;
  try {
    report = importProblems(text, { format: 'jsonl' });
  } catch {
    report = undefined;
  }
  if (report && report.problems.length > 0 && (await isOf(experiment, report.problems))) return report;
  throw new RunFileError('its data set is not the one that the run was made with');
}

/** The same contents, with the data set under another name. */
export function withDatasetName(contents: RunContents, file: string): RunContents {
  const experiment = readExperiment(contents.run.experiment);
  if (!experiment || experiment.data.file === file) return contents;
  const renamed = { ...experiment, data: { ...experiment.data, file } };
  return { ...contents, run: { ...contents.run, experiment: renamed } };
}

/** What is said of a run that came without the data set that it needs; undefined for one that needs none. */
export function missingDataset({ run, dataset }: RunContents): string | undefined {
  const experiment = readExperiment(run.experiment);
  if (dataset || !experiment || !usesDataset(experiment)) return undefined;
  return `This run asks its questions from the data set “${experiment.data.file}”, which is not in the file. To go on with it, import that data set under this name.`;
}

export interface PlacedDataset {
  /** The run, naming the data set as it is called here. */
  contents: RunContents;
  /** What was done, for the person. */
  note?: string;
  /** Takes it back, where the run cannot be stored. */
  undo: () => Promise<void>;
}

/**
 * Stores the data set of a run that came from elsewhere, unless it is there already. One of the same name that holds other
 * questions is left as it is, and this one gets another name.
 * @throws StoreError
 */
export async function placeDataset(contents: RunContents, store: DatasetStore): Promise<PlacedDataset> {
  const { run, dataset } = contents;
  const undo = () => Promise.resolve();
  if (!dataset) return { contents, note: missingDataset(contents), undo };
  const wanted = shortName(readExperiment(run.experiment)?.data.file ?? '');
  const sha256 = await sha256OfProblems(dataset.problems);
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted} (${n})`;
    const other = n === 1 ? '' : ` There is another data set “${wanted}” here, which was left as it is.`;
    const placed = withDatasetName(contents, name);
    const there = await store.problems(name);
    if (!there) {
      const { id } = await store.add({ name, ...dataset });
      const note = `Its data set was stored as “${name}”.${other}`;
      return { contents: placed, note, undo: () => store.remove(id) };
    }
    if ((await sha256OfProblems(there)) === sha256)
      return { contents: placed, note: `Its data set is here already, as “${name}”.${other}`, undo };
  }
}

/** Headless a data set is named by its path. Room is left for a number. */
export const shortName = (file: string, nameless = 'questions'): string =>
  (file.split(/[\\/]/).at(-1) ?? '')
    .trim()
    .slice(0, MAX_NAME - 10)
    .trim() || nameless;
