import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { COLOURS, plotArmsSvg, plotSvg } from '../../lab/plot';
import { readRuns } from '../metrics';
import { examples } from '../options';
import { CliError, Output } from '../output';

interface PlotOptions {
  out: string;
  title: string;
  each: boolean;
}

/** `lab plot`: the curves of one experiment over its seeds, or of several runs, as a picture. */
export function addPlot(program: Command): void {
  program
    .command('plot')
    .description(
      'draw the curves of several runs as SVG: the mean and range over seeds, or each run by itself',
    )
    .argument('<runs...>', 'run folders, or files of JSON lines as `lab run --json` prints them')
    .requiredOption('--out <FILE>', 'the picture')
    .option('--title <TEXT>', 'above the picture', 'Learning curves')
    .option('--each', 'a curve for each run, named by its folder, instead of their mean', false)
    .addHelpText(
      'after',
      examples(
        'lab plot runs/aha-0 runs/aha-1 runs/aha-2 --out aha.svg --title "aha, three seeds"',
        'lab plot runs/aha-0 runs/aha-trl --each --out both.svg',
      ),
    )
    .action(async (paths: string[], { out, title, each }: PlotOptions) => {
      if (each && paths.length > COLOURS.length)
        throw new CliError(
          `${paths.length} curves cannot be told apart. Nothing was drawn. Name at most ${COLOURS.length} runs with --each.`,
        );
      const arms = await readRuns(paths);
      const svg = each
        ? plotArmsSvg(title, arms)
        : plotSvg(
            title,
            arms.flatMap(({ runs }) => runs),
          );
      await writeFile(out, svg);
      new Output(false).note(`${out}: ${arms.length} runs.`);
    });
}
