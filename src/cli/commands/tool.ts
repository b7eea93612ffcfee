import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { openInterpreter } from '../../tools/node/open';
import {
  DEFAULT_LIMITS,
  LIMIT_RANGES,
  TOOL_LANGUAGES,
  type ToolLanguage,
  type ToolLimits,
} from '../../tools/types';
import { readText } from '../files';
import { decimal, examples, integer, withJson } from '../options';
import { Output } from '../output';

interface ToolOptions {
  lang: ToolLanguage;
  code: string;
  seconds: number;
  memoryMb: number;
  outputChars: number;
  json: boolean;
}

/** `lab tool`: a piece of code in the sandbox that a policy's calls run in. */
export function addTool(program: Command): void {
  const command = program
    .command('tool')
    .description('run a piece of code in the sandbox of the policy’s tool calls; needs no GPU')
    .addOption(new Option('--lang <LANGUAGE>', 'language').choices(TOOL_LANGUAGES).default('python'))
    .requiredOption('--code <FILE>', 'file with the code; - reads the standard input')
    .option('--seconds <N>', 'longest time', decimal(...LIMIT_RANGES.seconds), DEFAULT_LIMITS.seconds)
    .option(
      '--memory-mb <N>',
      'most memory, in MiB',
      integer(...LIMIT_RANGES.memory_mb),
      DEFAULT_LIMITS.memory_mb,
    )
    .option(
      '--output-chars <N>',
      'characters of output kept',
      integer(...LIMIT_RANGES.output_chars),
      DEFAULT_LIMITS.output_chars,
    )
    .addHelpText(
      'after',
      '\nThe code has no network, no files and no clock but its own; the same code gives the same result. With --json one\n' +
        'line {"stdout", "error", "ms"}: "error" is null or says why the code failed, which is a result like any other. When\n' +
        'a limit or the sandbox stopped it, "refused" is "time", "memory", "output" or "access".\n' +
        examples(
          'lab tool --lang python --code solve.py --json',
          `echo 'print(2**100)' | lab tool --code -`,
          `echo '( 1 / 3 + 1 / 6 ) * 4' | lab tool --lang calculator --code -`,
        ),
    )
    .action(runTool);
  withJson(command);
}

async function runTool({ lang, code, json, ...options }: ToolOptions): Promise<void> {
  const output = new Output(json);
  const limits: ToolLimits = {
    seconds: options.seconds,
    memory_mb: options.memoryMb,
    output_chars: options.outputChars,
  };
  const source = await (code === '-' ? text(process.stdin) : readText(code));
  const interpreter = await openInterpreter(lang, limits, 1);
  try {
    const result = await interpreter.call(source);
    output.record(result);
    output.line(result.stdout.trimEnd());
    if (result.error !== null) output.note(result.error.trimEnd());
    output.note(`${result.ms.toFixed(1)} ms${result.refused ? `, refused: ${result.refused}` : ''}`);
  } finally {
    interpreter.close();
  }
}
