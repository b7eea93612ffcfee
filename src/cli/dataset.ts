/** A data set of questions from a file. */
import { resolve } from 'node:path';
import { prepareRun, type Prepared } from '../lab/dataset';
import { usesDemonstrations } from '../lab/demonstrations';
import { preparePackages } from '../lab/packages';
import { parsePackages, usesDataset, usesPackages, type Experiment } from '../lab/schema';
import type { ModelDirectory } from '../model/directory';
import { formatOf, importProblems, type ImportReport } from '../tasks/import';
import { readBytes, readText } from './files';
import { CliError } from './output';

/** @throws CliError when the file cannot be read; ImportError when it cannot be used as a whole */
export const importFile = async (path: string, heldOut?: readonly string[]): Promise<ImportReport> =>
  importProblems(await readText(path), { format: formatOf(path), heldOut });

/**
 * As `prepareRun`, with the data set, the demonstrations and the packages from the files that the experiment names. Their absolute paths are
 * kept, so that the run can be resumed from any folder.
 * @param step from which the run goes on; past the first, its demonstrations are in its checkpoint
 * @throws ExperimentError; CliError when a file cannot be read or no row of it used; ImportError
 */
export async function prepareWithFile(
  experiment: Experiment,
  model: ModelDirectory,
  step = 0,
): Promise<Prepared> {
  const { data, sft, tools } = experiment;
  const file = usesDataset(experiment) ? resolve(data.file) : data.file;
  const learnt = usesDemonstrations(experiment) ? resolve(sft.file) : sft.file;
  const questions = async () => {
    const { problems, counts } = await importFile(file);
    if (problems.length > 0) return problems;
    throw new CliError(
      `None of the ${counts.rows} rows of ${file} can be used, and nothing was trained. lab data ${file} tells why.`,
    );
  };
  const wheels = usesPackages(experiment)
    ? parsePackages(tools.packages)
        .map((path) => resolve(path))
        .join(', ')
    : tools.packages;
  const named = {
    ...experiment,
    data: { ...data, file },
    sft: { ...sft, file: learnt },
    tools: { ...tools, packages: wheels },
  };
  const { experiment: pinned, packages } = await preparePackages(named, readBytes);
  const prepared = await prepareRun(pinned, model, questions, step === 0 ? readText : undefined);
  return { ...prepared, packages };
}
