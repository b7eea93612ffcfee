import type { Command } from 'commander';
import { differingSettings } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import { PRESETS } from '../../lab/presets';
import { examples, withJson } from '../options';
import { Output } from '../output';

/** `lab presets`: what there is to run and to compare. */
export function addPresets(program: Command): void {
  const command = program
    .command('presets')
    .description('list the experiments for `lab run` and the comparisons for `lab compare`')
    .addHelpText('after', examples('lab presets', 'lab presets --json'))
    .action(({ json }: { json: boolean }) => presets(new Output(json)));
  withJson(command);
}

function presets(output: Output): void {
  output.line('Experiments, for lab run:');
  for (const [name, preset] of Object.entries(PRESETS)) {
    output.record({ kind: 'experiment', name, ...preset });
    output.line(`  ${name.padEnd(18)} ${preset.title}. ${preset.description}`);
  }
  output.line('\nComparisons, for lab compare:');
  for (const [name, comparison] of Object.entries(COMPARISONS)) {
    output.record({ kind: 'comparison', name, ...comparison, differing: differingSettings(comparison) });
    const arms = comparison.arms.map((arm) => arm.name).join(' | ');
    output.line(`  ${name.padEnd(18)} ${comparison.question}\n  ${''.padEnd(18)} ${arms}`);
  }
}
