/** The options of commands whose model may call an interpreter, and what opens it. */
import { Option, type Command } from 'commander';
import { readWheels } from '../lab/packages';
import { openTools } from '../lab/run-tools';
import { ExperimentError, type Experiment } from '../lab/schema';
import type { ToolSettings } from '../rl/tools/use';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { openInterpreter } from '../tools/node/open';
import type { Wheel } from '../tools/packages/wheel';
import {
  CALL_FORMATS,
  DEFAULT_LIMITS,
  LIMIT_RANGES,
  TOOL_LANGUAGES,
  type ToolLanguage,
  type ToolLimits,
} from '../tools/types';
import { readBytes } from './files';
import { decimal, integer } from './options';
import { CliError } from './output';

/** The form of a call; `auto` as runs choose it. */
export type ToolFormat = Experiment['tools']['format'];

export interface LimitOptions {
  seconds: number;
  memoryMb: number;
  outputChars: number;
}

export interface PackageOptions {
  package: string[];
}

export interface ToolOptions extends LimitOptions, PackageOptions {
  tools?: ToolLanguage;
  toolFormat: ToolFormat;
  maxCalls: number;
  execute: boolean;
}

/** What one call may use. */
export const withToolLimits = (command: Command): Command =>
  command
    .option(
      '--seconds <N>',
      'longest time of a call',
      decimal(...LIMIT_RANGES.seconds),
      DEFAULT_LIMITS.seconds,
    )
    .option(
      '--memory-mb <N>',
      'most memory of a call, in MiB',
      integer(...LIMIT_RANGES.memory_mb),
      DEFAULT_LIMITS.memory_mb,
    )
    .option(
      '--output-chars <N>',
      'characters kept of what a call prints',
      integer(...LIMIT_RANGES.output_chars),
      DEFAULT_LIMITS.output_chars,
    );

/** What Python may import. */
export const withPackages = (command: Command): Command =>
  command.option(
    '--package <FILE...>',
    'wheels of pure Python that the code may import besides the standard library',
    [],
  );

/** @throws CliError when Python is not the language, or a file cannot be read; PackageError */
export async function packagesOf(
  { package: paths }: PackageOptions,
  language: Experiment['tools']['language'],
): Promise<Wheel[]> {
  if (paths.length > 0 && language !== 'python')
    throw new CliError('--package goes with Python. Nothing was run.');
  const wheels: { name: string; bytes: Uint8Array<ArrayBuffer> }[] = [];
  for (const name of paths) wheels.push({ name, bytes: await readBytes(name) });
  return readWheels(wheels);
}

export const withToolFormat = (command: Command): Command =>
  command.addOption(
    new Option(
      '--tool-format <FORM>',
      'how calls are written; auto: tags where the model has their words, else block',
    )
      .choices(['auto', ...CALL_FORMATS])
      .default('auto'),
  );

/** Lets the model call an interpreter while it answers, as in a run with the same settings under `tools`. */
export const withTools = (command: Command): Command =>
  withToolLimits(
    withPackages(
      withToolFormat(
        command.addOption(
          new Option('--tools <LANGUAGE>', 'let the model call an interpreter while it answers').choices(
            TOOL_LANGUAGES,
          ),
        ),
      ),
    )
      .option('--max-calls <N>', 'calls that a response may make', integer(1, 64), 4)
      .option('--no-execute', 'calls are written and counted, but not run'),
  );

export const limitsOf = ({ seconds, memoryMb, outputChars }: LimitOptions): ToolLimits => ({
  seconds,
  memory_mb: memoryMb,
  output_chars: outputChars,
});

/**
 * The interpreter asked for, to be closed by the caller; undefined without `--tools`.
 * @throws CliError when the model lacks a token of the form; PackageError; ToolError
 */
export async function openToolsOf(
  options: ToolOptions,
  tokenizer: Tokenizer,
): Promise<ToolSettings | undefined> {
  const tools: Experiment['tools'] = {
    language: options.tools ?? 'none',
    format: options.toolFormat,
    max_calls: options.maxCalls,
    execute: options.execute,
    packages: options.package.join(', '),
    packages_sha256: '',
    ...limitsOf(options),
  };
  const packages = await packagesOf(options, tools.language);
  try {
    return await openTools({ tools }, tokenizer, openInterpreter, packages);
  } catch (error) {
    if (!(error instanceof ExperimentError)) throw error;
    throw new CliError(`--tool-format: ${error.problems[0].message}`, { cause: error });
  }
}
