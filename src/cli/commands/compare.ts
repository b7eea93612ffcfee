import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { adapterName } from '../../lab/adapter-report';
import { plannedRuns, sameComputation, type PlannedRun } from '../../lab/comparisons/arms';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import { reportMarkdown } from '../../lab/comparisons/report';
import {
  endMetrics,
  endValues,
  judgeFinding,
  leadSentence,
  type ArmRuns,
} from '../../lab/comparisons/verdict';
import { RunControl } from '../../lab/control';
import type { StepMetrics } from '../../lab/metrics';
import { newRun } from '../../lab/new-run';
import { plotArmsSvg } from '../../lab/plot';
import { runExperiment } from '../../lab/runner';
import { readExperiment } from '../../lab/schema';
import { isForeign } from '../../share/logs';
import { FolderStore } from '../../store/folder';
import { openInterpreter } from '../../tools/node/open';
import { openGpu } from '../engine';
import { loadModelDirectory } from '../files';
import { readRuns } from '../metrics';
import { SEED, STEPS, examples, integer, withJson, withKeepEvery } from '../options';
import { CliError, Output } from '../output';
import { INTERRUPTED, stopOnSignals } from '../training';

interface CompareOptions {
  seeds: number;
  firstSeed: number;
  steps?: number;
  out: string;
  runs?: string;
  keepEvery?: number;
  beside: string[];
  json: boolean;
}

/** `lab compare`: every arm with every seed, then the report. */
export function addCompare(program: Command): void {
  const command = program
    .command('compare')
    .description(
      'run all arms of a comparison over several seeds and write a report: Markdown, SVG and JSON lines',
    )
    .argument('<comparison>', 'one of: ' + Object.keys(COMPARISONS).join(', '))
    .requiredOption('--out <DIR>', 'where the report goes; what is finished there is not run again')
    .option('--seeds <N>', 'runs of each arm', integer(1, 100), 3)
    .option('--first-seed <S>', 'seed of the first run', SEED, 0)
    .option('--steps <N>', 'RL steps, instead of the comparison’s', STEPS)
    .option(
      '--runs <DIR>',
      'where the runs are kept (default: DIR/runs); comparisons that share it share their equal runs',
    )
    .option('--beside <RUN...>', 'runs laid over the arms in the report, as lab import brought them', [])
    .addHelpText(
      'after',
      examples(
        'lab compare temperature --seeds 3 --out out/temperature',
        'lab compare kl --out out/kl --runs out/runs --json',
        'lab compare on-off-policy --out out/both --runs out/runs --beside runs/aha-trl',
      ),
    )
    .action(async (name: string, options: CompareOptions) => {
      process.exitCode = await compare(name, options);
    });
  withJson(withKeepEvery(command));
}

async function compare(name: string, options: CompareOptions): Promise<number> {
  const { seeds, firstSeed, steps, out, json } = options;
  const output = new Output(json);
  if (!Object.hasOwn(COMPARISONS, name))
    throw new CliError(
      `There is no comparison "${name}". There are: ${Object.keys(COMPARISONS).join(', ')}.`,
    );
  const comparison = COMPARISONS[name];
  const chosen = Array.from({ length: seeds }, (_, i) => firstSeed + i);
  const planned = plannedRuns(
    comparison,
    chosen,
    steps === undefined ? {} : { schedule: { max_steps: steps } },
  );
  const beside = await readRuns(options.beside);
  const shelf = new Shelf(options.runs ?? join(out, 'runs'), options.keepEvery);
  mkdirSync(out, { recursive: true });

  const control = new RunControl();
  const release = stopOnSignals(control, () =>
    output.note('\nStopping; the same command goes on from here.'),
  );
  const finished: { planned: PlannedRun; metrics: StepMetrics[] }[] = [];
  try {
    for (const [i, run] of planned.entries()) {
      output.note(`${i + 1} of ${planned.length}: ${run.experiment.name}`);
      const metrics = await shelf.complete(run, control);
      if (!metrics) return INTERRUPTED;
      finished.push({ planned: run, metrics });
      output.record({ arm: run.arm, seed: run.experiment.seed, ...endOf([metrics]) });
    }
  } catch (error) {
    output.note('A run failed. The runs before it are kept; the same command goes on from here.');
    throw error;
  } finally {
    release();
  }
  const arms = comparison.arms.map(({ name: arm }): ArmRuns => ({
    arm,
    runs: finished.filter((f) => f.planned.arm === arm).map((f) => f.metrics),
  }));
  await writeReport(out, name, arms, beside);
  const judgements = comparison.findings.map((finding) => judgeFinding(finding, arms));
  output.record({
    summary: { comparison: name, seeds, lead: leadSentence(comparison, arms), judgements, out },
  });
  output.line(`\n${leadSentence(comparison, arms)}`);
  for (const { sentence } of judgements) output.line(`- ${sentence}`);
  output.line(`\nThe report is in ${join(out, 'report.md')}.`);
  return 0;
}

const endOf = (runs: StepMetrics[][]): Record<string, number> =>
  Object.fromEntries(
    endMetrics([{ runs }]).flatMap(({ metric }) => endValues(runs, metric).map((value) => [metric, value])),
  );

/** report.md and curves.svg. */
async function writeReport(
  out: string,
  name: string,
  arms: readonly ArmRuns[],
  beside: readonly ArmRuns[],
): Promise<void> {
  const comparison = COMPARISONS[name];
  await writeFile(join(out, 'curves.svg'), plotArmsSvg(comparison.title, [...arms, ...beside]));
  await writeFile(join(out, 'report.md'), reportMarkdown(comparison, arms, 'curves.svg', { beside }));
}

/** Where runs stand: each in a folder of its own, found again by what it computes. */
class Shelf {
  constructor(
    private readonly folder: string,
    private readonly keepEvery: number | undefined,
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** The run's metrics, computed as far as they are missing; undefined when stopped. */
  async complete({ arm, experiment }: PlannedRun, control: RunControl): Promise<StepMetrics[] | undefined> {
    const dir =
      (await this.find(sameComputation(experiment))) ?? this.newFolder(`${arm} seed ${experiment.seed}`);
    const store = new FolderStore(dir);
    let run = (await store.listRuns()).at(0);
    if (run?.status === 'finished') return store.metrics(run.id);
    const gpu = await openGpu();
    const model = await loadModelDirectory(experiment.model.path);
    if (!run) {
      run = { ...newRun(experiment, adapterName(gpu)), keepEvery: this.keepEvery };
      await store.createRun(run);
    }
    const from = await store.latestCheckpoint(run.id);
    const status = await runExperiment({
      gpu,
      runId: run.id,
      experiment,
      model,
      store,
      openInterpreter,
      from,
      reopen: openGpu,
      control,
      emit: () => undefined,
    });
    return status === 'finished' ? store.metrics(run.id) : undefined;
  }

  private async find(computation: string): Promise<string | undefined> {
    for (const name of readdirSync(this.folder)) {
      const dir = join(this.folder, name);
      if (!statSync(dir).isDirectory()) continue;
      const run = (await new FolderStore(dir).listRuns()).at(0);
      const isOwn = run && !isForeign(run) && !run.parent;
      const experiment = isOwn ? readExperiment(run.experiment) : undefined;
      if (experiment && sameComputation(experiment) === computation) return dir;
    }
    return undefined;
  }

  private newFolder(name: string): string {
    const slug = name.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
    const taken = new Set(readdirSync(this.folder));
    let dir = slug;
    for (let n = 2; taken.has(dir); n++) dir = `${slug}-${n}`;
    return join(this.folder, dir);
  }
}
