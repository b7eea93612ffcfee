import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { parseExperiment, type Experiment } from '../../lab/schema';
import { checkEntries, parameterShapes } from '../../model/parameters';
import { entryOf, type WeightSource } from '../../model/weights';
import { EXPERIMENT_FILE } from '../../share/export';
import { contentsOfLog, isForeign } from '../../share/logs';
import {
  datasetLines,
  missingDataset,
  missingDemonstrations,
  readRunFile,
  storeRun,
  withDatasetName,
  withDemonstrationsName,
  type RunContents,
} from '../../share/run-file';
import { FILES } from '../../share/run-file/files';
import { FolderStore } from '../../store/folder';
import type { RunRecord } from '../../store/types';
import { loadExperiment } from '../experiment';
import { findModelFolder, loadModel, why, writeModelDirectory } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface ImportOptions {
  out: string;
  experiment?: string;
  model?: string;
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
    .option(
      '--model <DIR>',
      'of a log: what was trained, a model directory; kept in model of the run folder, with the base model’s tokenizer',
    )
    .addHelpText(
      'after',
      examples(
        'lab import aha.zip --out runs/aha && lab resume runs/aha',
        'lab import aha-trl/output/trainer_state.json --model aha-trl/output --out runs/aha-trl',
        'lab eval --model runs/aha-trl/model',
        'lab plot runs/aha-0 runs/aha-trl --each --out both.svg',
      ),
    )
    .action((file: string, options: ImportOptions) => importFile(file, options));
  withJson(command);
}

async function importFile(file: string, { out, experiment, model, json }: ImportOptions): Promise<void> {
  const output = new Output(json);
  const contents = await contentsOfFile(file, experiment);
  if (model !== undefined && !isForeign(contents.run))
    throw new CliError('--model goes with a log: a run file has its model. Nothing was imported.');
  const trained = model === undefined ? undefined : await trainedElsewhere(model, contents);
  const missing = isForeign(contents.run)
    ? []
    : [missingDataset(contents), missingDemonstrations(contents)].filter((note) => note !== undefined);
  const { name, adapter, step } = await keep(contents, out);
  if (trained)
    await writeModelDirectory(join(out, 'model'), trained.base, trained.weights, {
      kept: `The curves are in ${out}.`,
    });
  for (const note of missing) output.note(note);
  output.record({ out, name, adapter, steps: contents.metrics.length, last: step });
  output.line(
    `“${name}” is in ${out}, up to step ${step}. To see its curves: lab plot ${out} --out curves.svg`,
  );
}

/**
 * The weights that another framework trained, and the folder of the model that it began with.
 * @throws CliError, ModelFileError when they are not this model's parameters
 */
async function trainedElsewhere(
  trained: string,
  { run }: RunContents,
): Promise<{ base: string; weights: WeightSource }> {
  const base = findModelFolder(parseExperiment(run.experiment).model.path);
  const [{ config }, { weights }] = await Promise.all([loadModel(base), loadModel(trained)]);
  checkEntries(config, weights.entries, join(trained, 'model.safetensors'));
  // Without what the checkpoint holds besides, such as a tied head.
  const entries = new Map(parameterShapes(config).map(({ name }) => [name, entryOf(weights, name)]));
  return { base, weights: { ...weights, entries } };
}

/** In a folder; the run's data set and demonstrations lie beside it, and are found there when the run goes on. */
async function keep(contents: RunContents, out: string): Promise<RunRecord> {
  const store = new FolderStore(out);
  const { dataset, demonstrations } = contents;
  let named = contents;
  const files: { path: string; text: string }[] = [];
  if (dataset) {
    const path = resolve(out, FILES.dataset);
    named = withDatasetName(named, path);
    files.push({ path, text: datasetLines(dataset.problems) });
  }
  if (demonstrations !== undefined) {
    const path = resolve(out, FILES.demonstrations);
    named = withDemonstrationsName(named, path);
    files.push({ path, text: demonstrations });
  }
  const run = await storeRun(store, named);
  for (const { path, text } of files)
    try {
      await writeFile(path, text, { flag: 'wx' });
    } catch (error) {
      await store.deleteRun(run.id).catch(() => undefined);
      throw new CliError(
        `The data of the run cannot be written: ${why(error, path)}. Nothing was imported.`,
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
