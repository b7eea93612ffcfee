import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { grade } from '../../tasks/maths/grade';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface Answer {
  gold: string;
  pred: string;
}

/** `lab grade`: maths answers checked against gold answers, line by line. */
export function addGrade(program: Command): void {
  const command = program
    .command('grade')
    .description('check maths answers, one JSON object {"gold", "pred"} a line; needs no GPU')
    .argument('[file]', 'JSON lines; - or nothing reads the standard input', '-')
    .addHelpText(
      'after',
      '\n"pred" is a whole response: its last \\boxed{} counts, else what follows "answer", else its last formula or number.\n' +
        'With --json each line gives one line {"correct", "extracted"}, in order. A line that cannot be used gives\n' +
        '{"correct": false, "error"}, and the exit code is 1.\n' +
        examples(
          'lab grade answers.jsonl --json',
          `echo '{"gold": "1/2", "pred": "So \\\\boxed{0.5}"}' | lab grade`,
        ),
    )
    .action((file: string, options: { json: boolean }) => gradeLines(file, options.json));
  withJson(command);
}

async function gradeLines(file: string, json: boolean): Promise<void> {
  const output = new Output(json);
  const name = file === '-' ? 'standard input' : file;
  let [number, correct, bad] = [0, 0, 0];
  for await (const line of linesOf(file)) {
    number++;
    const answer = parseLine(number === 1 ? line.replace(/^\uFEFF/, '') : line);
    if (typeof answer === 'string') {
      bad++;
      output.note(`${name}, line ${number}: ${answer}`);
      output.record({ correct: false, error: answer });
      output.line(`unusable   ${answer}`);
      continue;
    }
    const verdict = grade(answer.gold, answer.pred);
    if (verdict.correct) correct++;
    output.record({ correct: verdict.correct, extracted: verdict.extracted });
    output.line(`${verdict.correct ? 'correct  ' : 'incorrect'}  ${verdict.reason}`);
  }
  output.line(`${correct} of ${number} correct`);
  if (bad)
    throw new CliError(
      `${name}: ${bad} of ${number} lines cannot be used and count as not correct; the others were graded.\n` +
        'A line is {"gold": "1/2", "pred": "The answer is \\\\boxed{0.5}"}.',
    );
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new CliError(`There is no file ${file}.`);
    if (code === 'EISDIR') throw new CliError(`${file} is a folder; give a file of JSON lines.`);
    throw new CliError(`${file} cannot be read: ${(error as Error).message}`);
  }
}

/** The answer, or what is wrong with the line. */
function parseLine(line: string): Answer | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line.trim() === '' ? 'it is empty' : 'it is not JSON';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  const { gold, pred } = value as Record<string, unknown>;
  for (const [name, text] of Object.entries({ gold, pred })) {
    if (text === undefined) return `it has no "${name}"`;
    if (typeof text !== 'string' && typeof text !== 'number') return `its "${name}" is not a text`;
  }
  return { gold: String(gold), pred: String(pred) };
}
