/** A run as a zip: for this lab to take in again, and for whatever reads JSON lines, CSV, Parquet or a model directory. */
import { downloadZip } from 'client-zip';
import { metricsCsv } from '../../lab/csv';
import type { DatasetReader } from '../../lab/dataset';
import type { DemonstrationsReader } from '../../lab/demonstrations';
import { readExperiment } from '../../lab/schema';
import type { FileSource } from '../../model/source';
import { encodeLine } from '../../store/records';
import { StoreError, type Checkpoint, type MetricsRecord, type RolloutRecord } from '../../store/types';
import { slug } from '../export/script';
import { checkpointFiles } from './checkpoint';
import type { RunContents } from './contents';
import { datasetText } from './dataset';
import { demonstrationsText } from './demonstrations';
import { FILES } from './files';
import { rolloutsParquet } from './parquet';
import { runHead } from './head';

export interface RunFile {
  /** Without `.zip`. */
  name: string;
  /** The zip's bytes, made as they are read, once. */
  response: Response;
  /** What is missing in it, for the person; complete when `response` has been read. */
  notes: readonly string[];
}

interface ZipEntry {
  name: string;
  input: string | Uint8Array | AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/**
 * @param base the model that the run began with, where it can be found: its tokenizer and configuration make a checkpoint a
 * model directory
 * @param read gives the data set that the run asks its questions from
 * @param readDemonstrations gives the file that its cold start learns from
 */
export function writeRunFile(
  contents: RunContents,
  base?: FileSource,
  read: DatasetReader = () => Promise.resolve(undefined),
  readDemonstrations: DemonstrationsReader = () => Promise.resolve(undefined),
): RunFile {
  const name = slug(contents.run.name);
  const notes: string[] = [];
  const lastModified = new Date(contents.run.updatedAt);
  async function* files() {
    yield* recordFiles(contents);
    const { text, problem } = await datasetText(readExperiment(contents.run.experiment), read);
    if (text !== undefined) yield { name: FILES.dataset, input: text };
    if (problem !== undefined) notes.push(problem);
    const learnt = await demonstrationsText(readExperiment(contents.run.experiment), readDemonstrations);
    if (learnt.text !== undefined) yield { name: FILES.demonstrations, input: learnt.text };
    if (learnt.problem !== undefined) notes.push(learnt.problem);
    yield* checkpointsOf(contents, base, notes);
    yield { name: 'README.md', input: readme(contents, text !== undefined, learnt.text !== undefined) };
  }
  async function* entries() {
    for await (const file of files()) yield { ...file, name: `${name}/${file.name}`, lastModified };
  }
  return { name, notes, response: downloadZip(entries()) };
}

function recordFiles({ run, metrics, rollouts }: RunContents): ZipEntry[] {
  return [
    { name: FILES.head, input: toText(runHead(run)) },
    { name: FILES.experiment, input: toText(run.experiment) },
    { name: FILES.metrics, input: linesOf(metrics) },
    { name: 'metrics.csv', input: metricsCsv(metrics) },
    { name: FILES.rollouts, input: linesOf(rollouts) },
    { name: 'rollouts.parquet', input: rolloutsParquet(rollouts) },
    ...(run.reference ? [{ name: FILES.reference, input: linesOf(run.reference) }] : []),
  ];
}

/** One after the other, so that no more than one is in memory. What is missing goes into `notes`. */
async function* checkpointsOf(
  { run, checkpoints }: RunContents,
  base: FileSource | undefined,
  notes: string[],
): AsyncGenerator<ZipEntry, void, void> {
  const experiment = readExperiment(run.experiment);
  for (const { step, load } of checkpoints) {
    let checkpoint: Checkpoint;
    try {
      checkpoint = await load();
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      notes.push(error.message);
      continue;
    }
    const { files, problem } = await checkpointFiles(checkpoint, experiment, base);
    if (problem !== undefined)
      notes.push(
        `The checkpoint of step ${step} is in the file for the lab to go on from, but not as a model for other programs: ${problem.replace(/\.$/, '')}.`,
      );
    for (const { name, parts } of files)
      yield { name: `${FILES.checkpoints}step-${step}/${name}`, input: parts };
  }
}

const toText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const linesOf = (records: readonly (MetricsRecord | RolloutRecord)[]): string =>
  records.map(encodeLine).join('');

const readme = (
  { run, checkpoints }: RunContents,
  hasDataset: boolean,
  hasDemonstrations: boolean,
): string => `# ${run.name.replace(/\s+/g, ' ')}

A run of the Reasoning RL Lab up to step ${run.step}, as one file. The lab takes the zip in again: drop it on the list of runs,
or \`lab import FILE.zip --out runs/mine\`.

| file | what it holds |
| --- | --- |
| \`experiment.json\` | every setting; \`lab run experiment.json\` runs it again |
| \`run.json\` | name, status, adapter, dates |
| \`metrics.jsonl\`, \`metrics.csv\` | a line a step, under TRL’s names where TRL has one |
| \`rollouts.jsonl\`, \`rollouts.parquet\` | a line or row a response: problem, text, reward and its terms, verdict, calls of a tool |
${hasDataset ? '| `dataset.jsonl` | the questions and answers that it was made with |\n' : ''}${hasDemonstrations ? '| `demonstrations.jsonl` | what its cold start learnt from |\n' : ''}${
  checkpoints.length
    ? `| \`checkpoints/step-*/\` | Hugging Face directories – a model, or PEFT’s adapter –, and in \`training_state.*\` what training goes on with |\n`
    : ''
}
In JSON lines, a number that is not finite stands as the text \`NaN\`, \`Infinity\` or \`-Infinity\`.
`;
