import { Option, type Command } from 'commander';
import { parseExperiment } from '../../lab/schema';
import { trainedTensors } from '../../lab/trained';
import { EXPORT_TYPES, type ExportType } from '../../model/export';
import { FRAMEWORKS, type Framework } from '../../share/export';
import { FolderStore } from '../../store/folder';
import { writeStudy } from '../export-study';
import { findModelFolder, loadModel, writeModelDirectory } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface ExportOptions {
  out: string;
  to?: Framework;
  weights: 'base' | 'newest';
  dtype: ExportType;
  json: boolean;
}

/** `lab export`: what a run has learned so far as a model directory, or its whole study for another framework. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write the newest checkpoint of a run as a Hugging Face model directory, or its study with --to',
    )
    .argument('<RUN>', 'the folder given to lab run --out; with --to also a preset or a JSON file')
    .requiredOption('--out <DIR>', 'the folder to write')
    .addOption(new Option('--dtype <TYPE>', 'type of the weights').choices(EXPORT_TYPES).default('float32'))
    .addOption(
      new Option(
        '--to <FRAMEWORK>',
        'model, data, reward and settings for another framework, and NOTES.md on what differs',
      ).choices(FRAMEWORKS),
    )
    .addOption(
      new Option('--weights <WHICH>', 'with --to: the model the run began with, or its newest checkpoint')
        .choices(['base', 'newest'])
        .default('base'),
    )
    .addHelpText(
      'after',
      examples(
        'lab export runs/aha-0 --out models/aha',
        'lab export runs/aha-0 --out models/aha-bf16 --dtype bfloat16 --json',
        'lab export runs/aha-0 --to trl --out aha-trl && python aha-trl/train.py',
      ),
    )
    .action((run: string, options: ExportOptions) =>
      options.to === undefined ? exportModel(run, options) : exportTo(options.to, run, options),
    );
  withJson(command);
}

async function exportTo(to: Framework, run: string, { out, weights, json }: ExportOptions): Promise<void> {
  const output = new Output(json);
  const { files, step } = await writeStudy(run, { out, to, weights });
  output.record({ out, to, files, step });
  output.line(
    `The study is in ${out}, for ${to}. NOTES.md there says how it starts and what differs from the lab.`,
  );
}

async function exportModel(dir: string, { out, dtype, json }: ExportOptions): Promise<void> {
  const output = new Output(json);
  const store = new FolderStore(dir);
  const run = await store.run();
  const { model } = parseExperiment(run.experiment);
  const checkpoint = await store.latestCheckpoint(run.id);
  if (!checkpoint)
    throw new CliError(
      `${dir} holds no checkpoint yet, so there is no model to write. Let the run go on: lab resume ${dir}`,
    );
  if (checkpoint.warning) output.note(checkpoint.warning);
  const { config } = await loadModel(model.path);
  const tensors = trainedTensors(config, checkpoint);
  await writeModelDirectory(out, findModelFolder(model.path), tensors, {
    type: dtype,
    kept: 'The run and its checkpoints are kept: mend the folder and export again.',
  });
  output.record({ out, step: checkpoint.step, dtype, tensors: tensors.size });
  output.line(`The model of step ${checkpoint.step} is in ${out} (${tensors.size} tensors, ${dtype}).`);
}
