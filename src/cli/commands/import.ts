import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Experiment } from '../../lab/schema';
import { EXPERIMENT_FILE } from '../../share/export';
import { contentsOfLog, isForeign } from '../../share/logs';
import {
  datasetLines,
  missingDataset,
  readRunFile,
  storeRun,
  withDatasetName,
  type RunContents,
} from '../../share/run-file';
import { FILES } from '../../share/run-file/files';
import { FolderStore } from '../../store/folder';
import type { RunRecord } from '../../store/types';
import { loadExperiment } from '../experiment';
import { why } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface ImportOptions {
  out: string;
  experiment?: string;
  json: boolean;
}

/** `lab import`: a run from another computer, or the curves of an exported study, as a run's folder. */
export function addImport(program: Command): void {
  const command = program
    .command('import')
    .description(
      'make a run folder of a run file (zip), or of the log of TRL or verl: its curves, beside the lab’s own',
    )
    .argument(
      '<FILE>',
      'a zip of lab export --to run or of the page; trainer_state.json of TRL, metrics.jsonl of verl, or what verl printed',
    )
    .requiredOption('--out <DIR>', 'the run folder to make')
    .option(
      '--experiment <EXPERIMENT>',
      `of a log: a preset or a JSON file; otherwise ${EXPERIMENT_FILE} of the exported folder that holds the log`,
    )
    .addHelpText(
      'after',
      examples(
        'lab import aha.zip --out runs/aha && lab resume runs/aha',
        'lab import aha-trl/output/trainer_state.json --out runs/aha-trl',
        'lab plot runs/aha-0 runs/aha-trl --each --out both.svg',
      ),
    )
    .action((file: string, options: ImportOptions) => importFile(file, options));
  withJson(command);
}

async function importFile(file: string, { out, experiment, json }: ImportOptions): Promise<void> {
  const output = new Output(json);
  const contents = await contentsOfFile(file, experiment);
  const missing = isForeign(contents.run) ? undefined : missingDataset(contents);
  const { name, adapter, step } = await keep(contents, out);
  if (missing !== undefined) output.note(missing);
  output.record({ out, name, adapter, steps: contents.metrics.length, last: step });
  output.line(
    `“${name}” is in ${out}, up to step ${step}. To see its curves: lab plot ${out} --out curves.svg`,
  );
}

/** In a folder; the run's data set lies beside it, and is found there when the run goes on. */
async function keep(contents: RunContents, out: string): Promise<RunRecord> {
  const store = new FolderStore(out);
  if (!contents.dataset) return storeRun(store, contents);
  const path = resolve(out, FILES.dataset);
  const run = await storeRun(store, withDatasetName(contents, path));
  try {
    await writeFile(path, datasetLines(contents.dataset.problems), { flag: 'wx' });
  } catch (error) {
    await store.deleteRun(run.id).catch(() => undefined);
    throw new CliError(
      `The data set of the run cannot be written: ${why(error, path)}. Nothing was imported.`,
      { cause: error },
    );
  }
  return run;
}

/** The first bytes of a zip. */
const ZIP = 'PK';

async function contentsOfFile(path: string, experiment: string | undefined): Promise<RunContents> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new CliError(`The file cannot be read: ${why(error, path)}. Nothing was imported.`, {
      cause: error,
    });
  });
  if (bytes.toString('latin1', 0, ZIP.length) === ZIP) return readRunFile(new Blob([bytes]));
  return contentsOfLog(bytes.toString('utf8'), await experimentOf(path, experiment));
}

/** How far above the log an exported folder is looked for: TRL writes into output/checkpoint-60. */
const LEVELS = 3;

function experimentOf(log: string, named: string | undefined): Promise<Experiment> {
  if (named !== undefined) return loadExperiment(named);
  let folder = dirname(log);
  for (let level = 0; level < LEVELS; level++, folder = join(folder, '..')) {
    const path = join(folder, EXPERIMENT_FILE);
    if (existsSync(path)) return loadExperiment(path);
  }
  throw new CliError(
    `There is no ${EXPERIMENT_FILE} near ${log}, so it is not known which experiment this is. Nothing was imported. Name it: --experiment aha, or a JSON file.`,
  );
}
