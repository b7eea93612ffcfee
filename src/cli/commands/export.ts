import { Option, type Command } from 'commander';
import { parseExperiment } from '../../lab/schema';
import { trainedTensors } from '../../lab/trained';
import { EXPORT_TYPES, type ExportType } from '../../model/export';
import { FolderStore } from '../../store/folder';
import { findModelFolder, loadModel, writeModelDirectory } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface ExportOptions {
  out: string;
  dtype: ExportType;
  json: boolean;
}

/** `lab export`: what a run has learned so far, as a model directory. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description('write the newest checkpoint of a run as a Hugging Face model directory')
    .argument('<RUN>', 'the folder given to lab run --out')
    .requiredOption('--out <DIR>', 'the model directory to write')
    .addOption(new Option('--dtype <TYPE>', 'type of the weights').choices(EXPORT_TYPES).default('float32'))
    .addHelpText(
      'after',
      examples(
        'lab export runs/aha-0 --out models/aha',
        'lab export runs/aha-0 --out models/aha-bf16 --dtype bfloat16 --json',
      ),
    )
    .action((run: string, options: ExportOptions) => exportRun(run, options));
  withJson(command);
}

async function exportRun(dir: string, { out, dtype, json }: ExportOptions): Promise<void> {
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
