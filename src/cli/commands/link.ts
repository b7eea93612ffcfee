import type { Command } from 'commander';
import { decodeLink, encodeLink } from '../../share/link';
import { sharedRows } from '../../share/curves';
import { loadExperiment } from '../experiment';
import { readRun } from '../metrics';
import { examples, withJson } from '../options';
import { CliError, Output } from '../output';

/** `lab link encode|decode`: an experiment as an address, and back. */
export function addLink(program: Command): void {
  const link = program.command('link').description('an experiment as a link that the page opens, and back');
  withJson(
    link
      .command('encode')
      .description('print the link of an experiment')
      .argument('<experiment>', 'a preset, or the path of a JSON document')
      .option(
        '--curves <RUN>',
        'folder of a run, or JSON lines that `lab run --json` printed: its curves go along',
      )
      .option('--page <URL>', 'address of the lab', 'http://localhost:4173/')
      .addHelpText(
        'after',
        examples('lab link encode aha-quick', 'lab link encode mine.json --curves runs/mine'),
      )
      .action(encode),
  );
  withJson(
    link
      .command('decode')
      .description('print the experiment that a link holds, as JSON; nothing is run')
      .argument('<link>', 'the whole address, or what follows its #')
      .addHelpText('after', examples('lab link decode "$LINK" > mine.json && lab run mine.json'))
      .action(decode),
  );
}

async function encode(
  name: string,
  options: { curves?: string; page: string; json: boolean },
): Promise<void> {
  const output = new Output(options.json);
  const experiment = await loadExperiment(name);
  const metrics = options.curves === undefined ? undefined : (await readRun(options.curves)).metrics;
  if (!URL.canParse(options.page))
    throw new CliError(`"${options.page}" is not an address. Give one like http://localhost:4173/.`);
  const address = new URL(options.page);
  address.hash = await encodeLink(experiment, metrics);
  output.record({ link: address.href, characters: address.href.length });
  output.line(address.href);
}

async function decode(text: string, options: { json: boolean }): Promise<void> {
  const output = new Output(options.json);
  const { experiment, curves } = await decodeLink(text);
  output.record({ experiment, ...(curves && { curves: sharedRows(curves) }) });
  output.line(JSON.stringify(experiment, null, 2));
}
