import type { Command } from 'commander';
import { runSelfTest, type CheckResult } from '../../gpu/selftest';
import { adapterName, adapterReport } from '../../lab/adapter-report';
import { openGpu } from '../engine';
import { SEED, examples, withJson } from '../options';
import { CliError, Output } from '../output';

interface DoctorOptions {
  seed: number;
  json: boolean;
}

/** `lab doctor`: the adapter, and every kernel on it against a float64 reference. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description('show the graphics adapter and check every kernel on it against a float64 reference')
    .option('--seed <S>', 'seed of the shapes and numbers of the checks', SEED, 1)
    .addHelpText('after', examples('lab doctor', 'LAB_ADAPTER=swiftshader lab doctor --json'))
    .action((options: DoctorOptions) => doctor(options));
  withJson(command);
}

async function doctor({ seed, json }: DoctorOptions): Promise<void> {
  const output = new Output(json);
  const gpu = await openGpu();
  const report = adapterReport(gpu);
  output.record({ adapter: report });
  output.line(`adapter   ${adapterName(gpu)} (${report.description || 'no description'})`);
  output.line(`features  ${report.features.join(' ')}`);
  for (const [name, value] of Object.entries(report.limits)) output.line(`limit     ${name} ${value}`);
  output.line();

  const results = await runSelfTest(gpu, seed, (result) => {
    output.record(result);
    output.line(resultLine(result));
  });
  const failed = results.filter((r) => !r.passed).length;
  output.record({ summary: { passed: results.length - failed, failed } });
  output.line(`\n${results.length - failed} of ${results.length} kernels agree with their reference`);
  if (failed) {
    throw new CliError(
      `${failed} of ${results.length} kernels are wrong on this adapter: do not trust what it trains. ` +
        'Update the graphics driver, or choose another adapter with LAB_ADAPTER.',
    );
  }
}

function resultLine({ kernel, passed, error, tolerance, message }: CheckResult): string {
  const found = message ?? `error ${error.toExponential(1)}, allowed ${tolerance.toExponential(1)}`;
  return `${passed ? 'ok  ' : 'FAIL'}  ${kernel.padEnd(44)} ${found}`;
}
