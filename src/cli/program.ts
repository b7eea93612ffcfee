import { Command, CommanderError } from 'commander';
import { description, version } from '../../package.json';
import { addCompare } from './commands/compare';
import { addData } from './commands/data';
import { addDoctor } from './commands/doctor';
import { addEval } from './commands/eval';
import { addExport } from './commands/export';
import { addGate } from './commands/gate';
import { addGenerate } from './commands/generate';
import { addGrade } from './commands/grade';
import { addImport } from './commands/import';
import { addLink } from './commands/link';
import { addPlot } from './commands/plot';
import { addPresets } from './commands/presets';
import { addPretrain } from './commands/pretrain';
import { addResume } from './commands/resume';
import { addRun } from './commands/run';
import { addScore } from './commands/score';
import { addSft } from './commands/sft';
import { addSignals } from './commands/signals';
import { addSweep } from './commands/sweep';
import { addTool } from './commands/tool';
import { bindValues } from './options';
import { errorText } from './output';

function makeProgram(): Command {
  const program = new Command('lab')
    .description(description)
    .version(version)
    .showHelpAfterError('(add --help for the options and examples)')
    .exitOverride();
  for (const add of [
    addDoctor,
    addRun,
    addResume,
    addExport,
    addImport,
    addEval,
    addGenerate,
    addScore,
    addGrade,
    addData,
    addPretrain,
    addSft,
    addGate,
    addPlot,
    addLink,
    addPresets,
    addCompare,
    addSignals,
    addSweep,
    addTool,
  ])
    add(program);
  return program;
}

/**
 * Runs one command line and reports its error on stderr. Never throws.
 * @param args without the names of Node and the script
 * @returns the exit code
 */
export async function runCli(args: readonly string[]): Promise<number> {
  process.exitCode = 0;
  try {
    await makeProgram().parseAsync(bindValues(args, ['--ban']), { from: 'user' });
    return process.exitCode;
  } catch (error) {
    // Commander has printed its own.
    if (error instanceof CommanderError) return error.exitCode;
    process.stderr.write(`error: ${errorText(error)}\n`);
    return 1;
  }
}
