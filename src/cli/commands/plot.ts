import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { plotSvg } from '../../lab/plot';
import { readRun } from '../metrics';
import { examples } from '../options';
import { Output } from '../output';

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
      const runs = await Promise.all(paths.map(async (path) => (await readRun(path)).metrics));
      await writeFile(out, plotSvg(title, runs));
      new Output(false).note(`${out}: ${runs.length} runs.`);
    });
}
