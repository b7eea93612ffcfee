import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DROP_REASONS, formatOf, readQuestions, type ImportReport } from '../../tasks/import';
import { splitOf } from '../../tasks/hash';
import { importFile } from '../dataset';
import { readText } from '../files';
import { examples, withJson } from '../options';
import { CliError, Output, row } from '../output';

interface DataOptions {
  out?: string;
  heldOut?: string;
  json: boolean;
}

/** `lab data`: which rows of a data set can train a model, and why the others cannot. */
export function addData(program: Command): void {
  const command = program
    .command('data')
    .description(
      'check a data set of questions and answers: what is kept for training, what is dropped and why',
    )
    .argument(
      '<file>',
      'JSON lines, a JSON array or CSV with question (problem, prompt, input) and answer (solution, gold, target)',
    )
    .option('--out <FILE>', 'write the kept problems as JSON lines')
    .option('--held-out <FILE>', 'a test set: rows that ask one of its questions are dropped')
    .addHelpText(
      'after',
      examples(
        'lab data questions.csv',
        'lab data questions.jsonl --held-out test.jsonl --out train.jsonl',
        "lab data questions.jsonl --json | jq -r 'select(.line) | [.line, .reason] | @tsv'",
      ),
    )
    .action((file: string, options: DataOptions) => data(file, options));
  withJson(command);
}

async function data(file: string, { out, heldOut, json }: DataOptions): Promise<void> {
  const output = new Output(json);
  if (
    out !== undefined &&
    [file, heldOut].some((path) => path !== undefined && resolve(path) === resolve(out))
  )
    throw new CliError(`--out: ${out} is also read. Name another file; nothing was written.`);
  const testSet = heldOut === undefined ? [] : readQuestions(await readText(heldOut), formatOf(heldOut));
  const report = await importFile(file, testSet);
  print(output, file, report);
  if (report.counts.kept === 0)
    throw new CliError(`No row of ${file} can be used${out ? '; nothing was written' : ''}.`);
  if (out !== undefined) await write(out, report);
}

/** Control characters of a foreign text must not reach a terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}+/gu, ' ');

function print(output: Output, file: string, { dropped, counts }: ImportReport): void {
  for (const d of dropped) {
    output.record(d);
    output.line(printable(`line ${d.line}: ${d.reason} (${d.detail}): ${d.text.slice(0, 80)}`));
  }
  output.record({ file, ...counts });
  const table: [name: string, count: number][] = [
    ['rows', counts.rows],
    ...DROP_REASONS.filter((r) => counts.dropped[r]).map((r): [string, number] => [
      `- ${r}`,
      counts.dropped[r],
    ]),
    ['kept', counts.kept],
    ...Object.entries(counts.splits),
  ];
  if (dropped.length) output.line();
  for (const [name, count] of table) output.line(row([name, String(count)], [22, 8]));
}

/** @throws CliError when the file cannot be written */
async function write(path: string, { problems }: ImportReport): Promise<void> {
  const lines = problems.map((p) => JSON.stringify({ ...p, split: splitOf(p.id) }));
  try {
    await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  } catch (error) {
    throw new CliError(
      `${path} could not be written: ${error instanceof Error ? error.message : String(error)}.`,
      {
        cause: error,
      },
    );
  }
}
