import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { END_METRICS, endValues } from '../../lab/comparisons/verdict';
import { totalSteps } from '../../lab/schedule';
import { readExperiment } from '../../lab/schema';
import { cellsOf, type Cell } from '../../lab/sweep';
import { FolderStore } from '../../store/folder';
import { readJsonFile } from '../files';
import { examples, integer, withJson, withKeepEvery } from '../options';
import { CliError, Output, fixed, row } from '../output';
import { INTERRUPTED } from '../training';

interface SweepOptions {
  out: string;
  jobs: number;
  keepEvery?: number;
  json: boolean;
}

/** `lab sweep`: a grid of experiments, one process each. */
export function addSweep(program: Command): void {
  const command = program
    .command('sweep')
    .description('run a grid of experiments, one process each; the same command goes on where it stopped')
    .argument(
      '<grid>',
      'JSON file: {"base": "aha-quick", "grid": {"rollout.temperature": [0.8, 1], "seed": [0, 1]}}',
    )
    .requiredOption('--out <DIR>', 'a folder a run, and sweep.csv with how each ended')
    .option('--jobs <N>', 'runs at a time', integer(1, 64), 1)
    .addHelpText(
      'after',
      examples('lab sweep grid.json --out out/sweep', 'lab sweep grid.json --out out/sweep --jobs 2 --json'),
    )
    .action(async (file: string, options: SweepOptions) => {
      process.exitCode = await sweep(file, options);
    });
  withJson(withKeepEvery(command));
}

async function sweep(file: string, { out, jobs, keepEvery, json }: SweepOptions): Promise<number> {
  const output = new Output(json);
  const cells = cellsOf(await readJsonFile(file));
  mkdirSync(out, { recursive: true });
  const children = new Children();
  const results = new Map<Cell, CellResult>();
  const waiting = [...cells];
  const widths = [
    Math.max(...cells.map(({ name }) => name.length)),
    12,
    ...END_METRICS.map(({ label }) => label.length),
  ];
  output.line(row(['run', 'status', ...END_METRICS.map(({ label }) => label)], widths));
  const work = async () => {
    for (let cell = waiting.shift(); cell && !children.stopped; cell = waiting.shift()) {
      output.note(`${results.size + 1} of ${cells.length}: ${cell.name}`);
      const result = await complete(cell, join(out, cell.name), keepEvery, children);
      results.set(cell, result);
      output.record({ cell: cell.name, ...cell.values, ...result });
      const ends = END_METRICS.map(({ metric }) => fixed(result.ends[metric], 3));
      output.line(row([cell.name, result.status, ...ends], widths));
      await writeFile(join(out, 'sweep.csv'), csvOf(cells, results));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  children.release();
  if (children.stopped) {
    output.note('Stopped. What is finished is kept; the same command goes on from here.');
    return INTERRUPTED;
  }
  const failed = [...results.values()].filter(({ status }) => status !== 'finished').length;
  output.record({ summary: { cells: cells.length, failed, out } });
  if (failed)
    throw new CliError(
      `${failed} of ${cells.length} runs did not finish. The others are kept; the same command tries those again.`,
    );
  return 0;
}

interface CellResult {
  status: 'finished' | 'failed' | 'stopped';
  steps: number;
  /** The newest value of each metric that is compared. */
  ends: Record<string, number>;
}

/** Runs the cell as far as it is missing. @throws CliError when the folder holds another experiment */
async function complete(
  cell: Cell,
  dir: string,
  keepEvery: number | undefined,
  children: Children,
): Promise<CellResult> {
  const isStored = existsSync(join(dir, 'run.json'));
  if (isStored) await requireSame(cell, dir);
  if (!isStored || (await stateOf(dir)).status !== 'finished') {
    const document = `${dir}.json`;
    await writeFile(document, JSON.stringify(cell.experiment, null, 2));
    const kept = keepEvery === undefined ? [] : ['--keep-every', String(keepEvery)];
    await children.run(isStored ? ['resume', dir] : ['run', document, '--out', dir, ...kept]);
  }
  return existsSync(join(dir, 'run.json')) ? stateOf(dir) : { status: 'failed', steps: 0, ends: {} };
}

async function requireSame({ experiment, name }: Cell, dir: string): Promise<void> {
  const stored = readExperiment((await new FolderStore(dir).run()).experiment);
  // A run keeps where its model lay and which questions its data set held.
  const expected = stored && {
    ...experiment,
    model: stored.model,
    data: { ...experiment.data, sha256: stored.data.sha256 },
  };
  if (JSON.stringify(stored) !== JSON.stringify(expected))
    throw new CliError(
      `${dir} holds another experiment than ${name} of this grid. Nothing was changed; give another --out.`,
    );
}

async function stateOf(dir: string): Promise<CellResult> {
  const store = new FolderStore(dir);
  const run = await store.run();
  const metrics = await store.metrics(run.id);
  const done = run.status === 'finished' && run.step === totalSteps(readExperiment(run.experiment)!);
  const ends = END_METRICS.flatMap(({ metric }) =>
    endValues([metrics], metric).map((value): [string, number] => [metric, value]),
  );
  return {
    status: done ? 'finished' : run.status === 'failed' ? 'failed' : 'stopped',
    steps: run.step,
    ends: Object.fromEntries(ends),
  };
}

/** Child processes, which end with this one. */
class Children {
  stopped = false;
  private readonly running = new Set<ReturnType<typeof spawn>>();
  private readonly onSignal = (signal: NodeJS.Signals) => {
    this.stopped = true;
    for (const child of this.running) child.kill(signal);
  };

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, this.onSignal);
  }

  /** Runs a command of the lab; its messages go to stderr. Resolves when it ended, however that was. */
  run(args: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      // In a group of its own a child does not get the terminal's Ctrl-C a second time.
      const child = spawn(process.execPath, [process.argv[1], ...args, '--json'], {
        stdio: ['ignore', 'ignore', 'inherit'],
        detached: true,
      });
      this.running.add(child);
      child.once('error', reject);
      child.once('exit', () => {
        this.running.delete(child);
        resolve();
      });
    });
  }

  release(): void {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, this.onSignal);
  }
}

function csvOf(cells: readonly Cell[], results: ReadonlyMap<Cell, CellResult>): string {
  const settings = Object.keys(cells[0].values);
  const header = ['run', ...settings, 'status', 'steps', ...END_METRICS.map(({ metric }) => metric)];
  const lines = cells.map((cell) => {
    const result = results.get(cell);
    return [
      cell.name,
      ...settings.map((path) => cell.values[path]),
      result?.status ?? 'waiting',
      result?.steps ?? 0,
      ...END_METRICS.map(({ metric }) => result?.ends[metric] ?? ''),
    ];
  });
  const quoted = (value: unknown) =>
    /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);
  return [header, ...lines].map((line) => line.map(quoted).join(',')).join('\n') + '\n';
}
