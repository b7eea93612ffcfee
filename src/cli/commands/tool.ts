import { text } from 'node:stream/consumers';
import { Option, type Command } from 'commander';
import { openInterpreter } from '../../tools/node/open';
import { TOOL_LANGUAGES, type ToolLanguage } from '../../tools/types';
import { readText } from '../files';
import { examples, withJson } from '../options';
import { Output } from '../output';
import {
  limitsOf,
  packagesOf,
  withPackages,
  withToolLimits,
  type LimitOptions,
  type PackageOptions,
} from '../tools';

interface SnippetOptions extends LimitOptions, PackageOptions {
  lang: ToolLanguage;
  code: string;
  json: boolean;
}

/** `lab tool`: a piece of code in the sandbox that a policy's calls run in. */
export function addTool(program: Command): void {
  const command = program
    .command('tool')
    .description('run a piece of code in the sandbox of the policy’s tool calls; needs no GPU')
    .addOption(new Option('--lang <LANGUAGE>', 'language').choices(TOOL_LANGUAGES).default('python'))
    .requiredOption('--code <FILE>', 'file with the code; - reads the standard input')
    .addHelpText(
      'after',
      '\nThe code has no network, no files and no clock but its own; the same code gives the same result. With --json one\n' +
        'line {"stdout", "error", "ms"}: "error" is null or says why the code failed, which is a result like any other. When\n' +
        'a limit or the sandbox stopped it, "refused" is "time", "memory", "output" or "access".\n' +
        examples(
          'lab tool --lang python --code solve.py --json',
          'lab tool --package wheels/sympy-1.14.0-py3-none-any.whl wheels/mpmath-1.3.0-py3-none-any.whl --code roots.py',
          `echo 'print(2**100)' | lab tool --code -`,
          `echo '( 1 / 3 + 1 / 6 ) * 4' | lab tool --lang calculator --code -`,
        ),
    )
    .action(runTool);
  withJson(withPackages(withToolLimits(command)));
}

async function runTool({ lang, code, json, ...limits }: SnippetOptions): Promise<void> {
  const output = new Output(json);
  const source = await (code === '-' ? text(process.stdin) : readText(code));
  const packages = await packagesOf(limits, lang);
  const interpreter = await openInterpreter(lang, limitsOf(limits), 1, packages);
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
