/** A data set of questions from a file. */
import { resolve } from 'node:path';
import { prepareRun, type Prepared } from '../lab/dataset';
import { usesDataset, type Experiment } from '../lab/schema';
import type { ModelDirectory } from '../model/directory';
import { formatOf, importProblems, type ImportReport } from '../tasks/import';
import { readText } from './files';
import { CliError } from './output';

/** @throws CliError when the file cannot be read; ImportError when it cannot be used as a whole */
export const importFile = async (path: string, heldOut?: readonly string[]): Promise<ImportReport> =>
  importProblems(await readText(path), { format: formatOf(path), heldOut });

/**
 * As `prepareRun`, with a data set from the file that the experiment names. The file's absolute path is kept, so that the
 * run can be resumed from any folder.
 * @throws ExperimentError; CliError when the file cannot be read or no row of it used; ImportError
 */
export function prepareWithFile(experiment: Experiment, model: ModelDirectory): Promise<Prepared> {
  const { data } = experiment;
  const file = usesDataset(experiment) ? resolve(data.file) : data.file;
  return prepareRun({ ...experiment, data: { ...data, file } }, model, async () => {
    const { problems, counts } = await importFile(file);
    if (problems.length > 0) return problems;
    throw new CliError(
      `None of the ${counts.rows} rows of ${file} can be used, and nothing was trained. lab data ${file} tells why.`,
    );
  });
}
