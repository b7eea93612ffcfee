import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { StepMetrics } from '../../lab/metrics';
import { plotSvg } from '../../lab/plot';
import { examples } from '../options';
import { CliError, Output } from '../output';

/** `lab plot`: the curves of one experiment over its seeds, as a picture. */
export function addPlot(program: Command): void {
  program
    .command('plot')
    .description('draw the curves of several runs (seeds) of one experiment: mean and range, as SVG')
    .argument('<runs...>', 'run folders, or files of JSON lines as `lab run --json` prints them')
    .requiredOption('--out <FILE>', 'the picture')
    .option('--title <TEXT>', 'above the picture', 'Learning curves')
    .addHelpText(
      'after',
      examples('lab plot runs/aha-0 runs/aha-1 runs/aha-2 --out aha.svg --title "aha, three seeds"'),
    )
    .action(async (paths: string[], { out, title }: { out: string; title: string }) => {
      const runs = await Promise.all(paths.map(readMetrics));
      await writeFile(out, plotSvg(title, runs));
      new Output(false).note(`${out}: ${runs.length} runs.`);
    });
}

/** @throws CliError naming the file and the line that is not a step */
async function readMetrics(path: string): Promise<StepMetrics[]> {
  const isFolder = (await stat(path).catch(() => undefined))?.isDirectory();
  const file = isFolder ? join(path, 'metrics.jsonl') : path;
  const text = await readFile(file, 'utf8').catch(() => {
    throw new CliError(`${file} cannot be read: give run folders or files of JSON lines.`);
  });
  const lines = text.split('\n').filter(Boolean);
  const parsed = lines.map((line, index): unknown => {
    try {
      return JSON.parse(line);
    } catch {
      throw new CliError(`${file}, line ${index + 1}: not JSON.`);
    }
  });
  const steps = parsed.filter(
    (value): value is StepMetrics => typeof (value as { step?: unknown } | null)?.step === 'number',
  );
  if (!steps.length) throw new CliError(`${file} holds no steps to draw.`);
  return steps;
}
