import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import type { Experiment } from '../../lab/schema';
import { EXPERIMENT_FILE } from '../../share/export';
import { contentsOfLog } from '../../share/logs';
import { readRunFile, storeRun, type RunContents } from '../../share/run-file';
import { FolderStore } from '../../store/folder';
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
  const { name, adapter, step } = await storeRun(new FolderStore(out), contents);
  output.record({ out, name, adapter, steps: contents.metrics.length, last: step });
  output.line(
    `“${name}” is in ${out}, up to step ${step}. To see its curves: lab plot ${out} --out curves.svg`,
  );
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
