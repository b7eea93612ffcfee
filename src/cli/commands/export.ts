import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { parseExperiment } from '../../lab/schema';
import { openTrained } from '../../lab/trained';
import { EXPORT_TYPES, type ExportType } from '../../model/export';
import { FRAMEWORKS, type Framework } from '../../share/export';
import { reportHtml } from '../../share/report';
import { FolderStore } from '../../store/folder';
import { contentsOfFolder, writeRunZip, written } from '../export-run';
import { writeStudy } from '../export-study';
import { findModelFolder, loadModel, writeFiles, writeModelDirectory } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

/** A run itself, beside the frameworks. */
const FILE_KINDS = ['run', 'html'] as const;
type FileKind = (typeof FILE_KINDS)[number];

interface ExportOptions {
  out: string;
  to?: Framework | FileKind;
  weights: 'base' | 'newest';
  dtype: ExportType;
  json: boolean;
}

/** `lab export`: what a run has learned so far as a model directory, its study for another framework, or the run as a file. */
export function addExport(program: Command): void {
  const command = program
    .command('export')
    .description(
      'write the newest checkpoint of a run as a Hugging Face model directory; with --to its study, or the run as a file',
    )
    .argument('<RUN>', 'the folder given to lab run --out; for a framework also a preset or a JSON file')
    .requiredOption('--out <PATH>', 'the folder to write; the file, with --to run or html')
    .addOption(new Option('--dtype <TYPE>', 'type of the weights').choices(EXPORT_TYPES).default('float32'))
    .addOption(
      new Option(
        '--to <WHAT>',
        'model, data, reward and settings for another framework, and NOTES.md on what differs; run: all that is kept, as a zip that lab import and the page take; html: a page to read',
      ).choices([...FRAMEWORKS, ...FILE_KINDS]),
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
        'lab export runs/aha-0 --to run --out aha.zip',
        'lab export runs/aha-0 --to html --out aha.html',
      ),
    )
    .action((run: string, options: ExportOptions) => exportRun(run, options));
  withJson(command);
}

function exportRun(run: string, options: ExportOptions): Promise<void> {
  switch (options.to) {
    case undefined:
      return exportModel(run, options);
    case 'run':
      return exportFile(run, options);
    case 'html':
      return exportReport(run, options);
    case 'trl':
    case 'verl':
    case 'openrlhf':
      return exportTo(options.to, run, options);
  }
}

async function exportFile(dir: string, { out, json }: ExportOptions): Promise<void> {
  const output = new Output(json);
  const { step, notes } = await writeRunZip(dir, out);
  for (const note of notes) output.note(note);
  output.record({ out, to: 'run', step });
  output.line(`The run up to step ${step} is in ${out}. To take it in: lab import ${out} --out DIR`);
}

async function exportReport(dir: string, { out, json }: ExportOptions): Promise<void> {
  const output = new Output(json);
  const contents = await contentsOfFolder(dir);
  await written(out, reportHtml(contents));
  output.record({ out, to: 'html', step: contents.run.step });
  output.line(`The report up to step ${contents.run.step} is in ${out}.`);
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
  const experiment = parseExperiment(run.experiment);
  const base = experiment.model.path;
  const trained = await openTrained(store, run.id, await loadModel(base), experiment);
  if (!trained)
    throw new CliError(
      `${dir} holds no checkpoint yet, so there is no model to write. Let the run go on: lab resume ${dir}`,
    );
  const { step, warning, weights, adapter } = trained;
  if (warning) output.note(warning);
  const kept = 'The run and its checkpoints are kept: mend the folder and export again.';
  await writeModelDirectory(out, findModelFolder(base), weights, { type: dtype, kept });
  await writeFiles(join(out, 'adapter'), adapter);
  const tensors = weights.entries.size;
  output.record({ out, step, dtype, tensors });
  output.line(`The model of step ${step} is in ${out} (${tensors} tensors, ${dtype}).`);
}
