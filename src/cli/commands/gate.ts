import type { Command } from 'commander';
import { GATE_SETTINGS, runGate, type GateReport } from '../../sft/gate';
import { openGpu } from '../engine';
import { loadModel } from '../files';
import { examples, integer, withJson, withModel } from '../options';
import { CliError, Output } from '../output';

interface GateOptions {
  model: string;
  problems?: number;
  json: boolean;
}

/** `lab gate`: whether a base model is ready for RL. */
export function addGate(program: Command): void {
  const command = program
    .command('gate')
    .description('check whether a base model is ready for RL: its arithmetic, its verdicts, its reflection')
    .option('--problems <K>', 'sample only the first K validation problems', integer(1, 1_000_000))
    .addHelpText(
      'after',
      examples('lab gate --model tiny-countdown', 'lab gate --model runs/base/model --json'),
    )
    .action((options: GateOptions) => gate(options));
  withJson(withModel(command));
}

async function gate({ model: path, problems, json }: GateOptions): Promise<void> {
  const output = new Output(json);
  const model = await loadModel(path);
  const settings = { ...GATE_SETTINGS, ...(problems !== undefined && { problems }) };
  const report = await runGate(await openGpu(), model, settings);
  printGate(output, report);
  requirePassed(report);
}

export function printGate(output: Output, report: GateReport): void {
  output.record({ gate: report });
  output.line('gate');
  for (const { name, value, atLeast, passed } of report.checks)
    output.line(`${passed ? 'ok  ' : 'FAIL'}  ${name.padEnd(24)} ${value.toFixed(3)}, at least ${atLeast}`);
  for (const [style, { right, total }] of Object.entries(report.styles))
    output.line(`      ${style} responses: ${right} right of ${total}`);
}

/** @throws CliError naming the checks that failed */
export function requirePassed({ passed, checks }: GateReport): void {
  if (passed) return;
  const failed = checks.filter((c) => !c.passed).map((c) => c.name);
  throw new CliError(`The gate failed: ${failed.join(', ')}. RL would not make this base reflect.`);
}
