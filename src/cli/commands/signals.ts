import type { Command } from 'commander';
import { evaluationSizes, findSignals, type Signal } from '../../lab/signals';
import { readRun } from '../metrics';
import { examples, withJson } from '../options';
import { Output } from '../output';

/** `lab signals`: what a run's curves tell. */
export function addSignals(program: Command): void {
  const command = program
    .command('signals')
    .description('look for signs of trouble in a run: reward hacking, collapse, truncation, plateau …')
    .argument('<run>', 'a run folder, or a file of JSON lines as `lab run --json` prints them')
    .addHelpText('after', examples('lab signals runs/aha', 'lab signals run.jsonl --json'))
    .action((path: string, options: { json: boolean }) => signals(path, new Output(options.json)));
  withJson(command);
}

async function signals(path: string, output: Output): Promise<void> {
  const { metrics, experiment } = await readRun(path);
  const found = findSignals(metrics, evaluationSizes(experiment));
  for (const signal of found) {
    output.record(signal);
    output.line(asText(signal));
  }
  if (!found.length) output.line(`Nothing noticed up to step ${metrics[metrics.length - 1].step}.`);
}

function asText({ title, severity, step, endStep, sentence, study, advice }: Signal): string {
  const span = endStep === undefined ? `from step ${step}` : `steps ${step} to ${endStep}`;
  const tips = advice.map(
    ({ text, settings }) => `  - ${text}${settings.length ? ` (${settings.join(', ')})` : ''}`,
  );
  return [
    `${severity}: ${title}, ${span}`,
    `  ${sentence}`,
    `  The study: ${study}`,
    '  To try:',
    ...tips,
    '',
  ].join('\n');
}
