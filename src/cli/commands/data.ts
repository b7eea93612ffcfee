import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DROP_REASONS, formatOf, readQuestions, type ImportReport } from '../../tasks/import';
import { splitOf } from '../../tasks/hash';
import type { Problem } from '../../tasks/types';
import { importFile } from '../dataset';
import { measure, type Measured, type MeasureOptions } from '../difficulty';
import { readText } from '../files';
import { MAX_TOKENS, SEED, decimal, examples, integer, withJson } from '../options';
import { CliError, Output, fixed, row } from '../output';

interface DataOptions extends MeasureOptions {
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
    .option('--model <DIR>', 'measure how often this model is right on each kept question, and filter by it')
    .option('--samples <N>', 'responses to each question, for --model', integer(1, 256), 8)
    .option('--min-pass-rate <P>', 'drop what the model is right on less often', decimal(0, 1), 0.05)
    .option('--max-pass-rate <P>', 'drop what the model is right on more often', decimal(0, 1), 0.95)
    .option('--max-tokens <L>', 'longest response in tokens; a cut one is wrong', MAX_TOKENS, 192)
    .option('--seed <S>', 'seed of the sampler', SEED, 0)
    .addHelpText(
      'after',
      examples(
        'lab data questions.csv',
        'lab data questions.jsonl --held-out test.jsonl --out train.jsonl',
        'lab data questions.jsonl --model runs/aha/model --samples 16 --out right-sometimes.jsonl',
        "lab data questions.jsonl --json | jq -r 'select(.line) | [.line, .reason] | @tsv'",
      ),
    )
    .action((file: string, options: DataOptions) => data(file, options));
  withJson(command);
}

async function data(file: string, options: DataOptions): Promise<void> {
  const { out, heldOut, json, model } = options;
  const output = new Output(json);
  if (
    out !== undefined &&
    [file, heldOut].some((path) => path !== undefined && resolve(path) === resolve(out))
  )
    throw new CliError(`--out: ${out} is also read. Name another file; nothing was written.`);
  const testSet = heldOut === undefined ? [] : readQuestions(await readText(heldOut), formatOf(heldOut));
  const report = await importFile(file, testSet);
  print(output, file, report);
  const unwritten = out ? '; nothing was written' : '';
  if (report.counts.kept === 0) throw new CliError(`No row of ${file} can be used${unwritten}.`);
  const measured = model === undefined ? undefined : await measure(report.problems, model, options);
  if (measured) printMeasured(output, measured, options);
  if (measured?.kept.length === 0)
    throw new CliError(
      `No question of ${file} has a pass rate from ${options.minPassRate} to ${options.maxPassRate}${unwritten}. Widen the bounds, or take another model.`,
    );
  if (out !== undefined) await write(out, measured?.kept ?? report.problems, measured?.rates);
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

function printMeasured(output: Output, { kept, rates, dropped }: Measured, options: DataOptions): void {
  for (const { problem, reason } of dropped) {
    output.record({ id: problem.id, reason, text: problem.prompt });
    output.line(printable(`${reason}: ${problem.prompt.slice(0, 80)}`));
  }
  const easy = dropped.filter(({ problem }) => rates.get(problem.id)! > options.maxPassRate).length;
  const counts = { kept: kept.length, too_easy: easy, too_hard: dropped.length - easy };
  const mean = [...rates.values()].reduce((a, b) => a + b, 0) / rates.size;
  output.record({ model: options.model, samples: options.samples, pass_rate: mean, ...counts });
  output.line();
  for (const [name, count] of Object.entries(counts))
    output.line(row([name.replace('_', ' '), String(count)], [22, 8]));
  output.line(row(['mean pass rate', fixed(mean)], [22, 8]));
}

/** @throws CliError when the file cannot be written */
async function write(
  path: string,
  problems: readonly Problem[],
  rates?: ReadonlyMap<string, number>,
): Promise<void> {
  const lines = problems.map((p) =>
    JSON.stringify({ ...p, split: splitOf(p.id), ...(rates && { pass_rate: rates.get(p.id) }) }),
  );
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
