/** A run as a zip: for this lab to take in again, and for whatever reads JSON lines, CSV, Parquet or a model directory. */
import { downloadZip } from 'client-zip';
import { metricsCsv } from '../../lab/csv';
import type { FileSource } from '../../model/source';
import { encodeLine } from '../../store/records';
import type { MetricsRecord, RolloutRecord } from '../../store/types';
import { slug } from '../export/script';
import { checkpointFiles } from './checkpoint';
import type { RunContents } from './contents';
import { FILES } from './files';
import { rolloutsParquet } from './parquet';
import { runHead } from './head';

export interface RunFile {
  /** Without `.zip`. */
  name: string;
  /** What is missing in it, for the person. */
  note?: string;
  /** The zip's bytes, made as they are read, once. */
  response: Response;
}

/**
 * @param base the model that the run began with, where it can be found: its tokenizer and configuration make the checkpoint
 * a model directory
 */
export async function writeRunFile(contents: RunContents, base?: FileSource): Promise<RunFile> {
  const { run, metrics, rollouts, checkpoint, warning } = contents;
  const name = slug(run.name);
  const files: { name: string; input: string | Uint8Array | Blob }[] = [
    { name: FILES.head, input: toText(runHead(run)) },
    { name: FILES.experiment, input: toText(run.experiment) },
    { name: FILES.metrics, input: linesOf(metrics) },
    { name: 'metrics.csv', input: metricsCsv(metrics) },
    { name: FILES.rollouts, input: linesOf(rollouts) },
    { name: 'rollouts.parquet', input: rolloutsParquet(rollouts) },
  ];
  if (run.reference) files.push({ name: FILES.reference, input: linesOf(run.reference) });
  const notes = warning === undefined ? [] : [warning];
  if (checkpoint) {
    const folder = `${FILES.checkpoints}step-${checkpoint.step}/`;
    const { files: parts, problem } = await checkpointFiles(checkpoint, base);
    for (const part of parts) files.push({ name: `${folder}${part.name}`, input: new Blob([...part.parts]) });
    if (problem !== undefined)
      notes.push(
        `The checkpoint is in the file for the lab to go on from, but not as a model for other programs: ${problem.replace(/\.$/, '')}.`,
      );
  }
  files.push({ name: 'README.md', input: readme(contents) });
  const lastModified = new Date(run.updatedAt);
  return {
    name,
    note: notes.length ? notes.join(' ') : undefined,
    response: downloadZip(files.map((file) => ({ ...file, name: `${name}/${file.name}`, lastModified }))),
  };
}

const toText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
const linesOf = (records: readonly (MetricsRecord | RolloutRecord)[]): string =>
  records.map(encodeLine).join('');

const readme = ({ run, checkpoint }: RunContents): string => `# ${run.name.replace(/\s+/g, ' ')}

A run of the Reasoning RL Lab up to step ${run.step}, as one file. The lab takes the zip in again: drop it on the list of runs,
or \`lab import FILE.zip --out runs/mine\`.

| file | what it holds |
| --- | --- |
| \`experiment.json\` | every setting; \`lab run experiment.json\` runs it again |
| \`run.json\` | name, status, adapter, dates |
| \`metrics.jsonl\`, \`metrics.csv\` | a line a step, under TRL’s names where TRL has one |
| \`rollouts.jsonl\`, \`rollouts.parquet\` | a line or row a response: problem, text, reward and its terms, verdict |
${
  checkpoint
    ? `| \`checkpoints/step-${checkpoint.step}/\` | a Hugging Face directory, and in \`training_state.*\` what training goes on with |\n`
    : ''
}
In JSON lines, a number that is not finite stands as the text \`NaN\`, \`Infinity\` or \`-Infinity\`.
`;
