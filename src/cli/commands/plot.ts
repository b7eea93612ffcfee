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
  behind: boolean;
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
    .option(
      '--behind',
      'each run by itself, with the curves behind it: of the run it was forked from, or of whoever shared it',
      false,
    )
    .addHelpText(
      'after',
      examples(
        'lab plot runs/aha-0 runs/aha-1 runs/aha-2 --out aha.svg --title "aha, three seeds"',
        'lab plot runs/aha-0 runs/aha-trl --each --out both.svg',
        'lab plot runs/aha-0-longer --behind --out fork.svg',
      ),
    )
    .action(async (paths: string[], { out, title, each, behind }: PlotOptions) => {
      const arms = await readRuns(paths, behind);
      const apart = each || behind;
      if (apart && arms.length > COLOURS.length)
        throw new CliError(
          `${arms.length} curves cannot be told apart. Nothing was drawn. Name runs for at most ${COLOURS.length} with --each or --behind.`,
        );
      const svg = apart
        ? plotArmsSvg(title, arms)
        : plotSvg(
            title,
            arms.flatMap(({ runs }) => runs),
          );
      await writeFile(out, svg);
      new Output(false).note(`${out}: ${paths.length} runs.`);
    });
}
