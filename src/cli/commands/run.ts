import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { adapterName } from '../../lab/adapter-report';
import { newRun } from '../../lab/new-run';
import { PRESETS } from '../../lab/presets';
import { forkRun } from '../../lab/fork';
import { parseExperiment, type Experiment } from '../../lab/schema';
import { FolderStore } from '../../store/folder';
import type { RunRecord } from '../../store/types';
import { prepareWithFile } from '../dataset';
import { openGpu } from '../engine';
import { loadExperiment, override, type Overrides } from '../experiment';
import { findModelFolder, loadModelDirectory } from '../files';
import { printMemory } from '../memory';
import { SEED, STEPS, dtypeOption, examples, withJson, withKeepEvery } from '../options';
import { CliError, Output } from '../output';
import { train } from '../training';

interface RunOptions extends Overrides {
  out?: string;
  from?: string;
  keepEvery?: number;
  dryRun?: boolean;
  json: boolean;
}

/** `lab run`: an experiment from its first step, or from another run's checkpoint. */
export function addRun(program: Command): void {
  const presets = Object.entries(PRESETS).map(
    ([name, { description }]) => `  ${name.padEnd(12)} ${description}`,
  );
  const command = program
    .command('run')
    .description('run an experiment: one line a step, then a summary')
    .argument('[experiment]', 'a preset, or a JSON file; with --from the settings of that run unless named')
    .option('--steps <N>', 'RL steps, instead of the experiment’s', STEPS)
    .option('--seed <S>', 'seed, instead of the experiment’s', SEED)
    .option('--model <DIR>', 'base model, instead of the experiment’s')
    .addOption(
      dtypeOption(
        'what the weights are computed with as, instead of the experiment’s: trained ones float32 or float16, frozen ones under LoRA any',
      ),
    )
    .option('--out <DIR>', 'keep the run here, to be resumed; the trained model goes to DIR/model')
    .option(
      '--from <DIR[@STEP]>',
      'fork: begin with a checkpoint of this run, its newest unless a step is named',
    )
    .option('--dry-run', 'only say how much GPU memory it takes, part by part, and what would make it less')
    .addHelpText('after', `\nPresets:\n${presets.join('\n')}`)
    .addHelpText(
      'after',
      examples(
        'lab run aha-quick',
        'lab run aha --seed 1 --out runs/aha-1',
        'lab run experiment.json --steps 10 --json',
        'lab run --from runs/aha-1@40 --steps 80 --out runs/aha-1-longer',
      ),
    )
    .action(async (nameOrFile: string | undefined, options: RunOptions) => {
      process.exitCode = await runCommand(nameOrFile, options);
    });
  withJson(withKeepEvery(command));
}

async function runCommand(
  nameOrFile: string | undefined,
  { json, out, from, keepEvery, dryRun, ...overrides }: RunOptions,
): Promise<number> {
  const output = new Output(json);
  const parent = from === undefined ? undefined : await findParent(from);
  const named = withKeptModelPath(await settingsOf(nameOrFile, parent, overrides));
  const prepared = await prepareWithFile(named, await loadModelDirectory(named.model.path));
  const { experiment } = prepared;
  const gpu = await openGpu();
  if (dryRun) {
    printMemory(output, prepared, gpu.limits);
    return 0;
  }
  const store = new FolderStore(out ?? temporaryFolder());
  if (parent) {
    const places = { into: store, keepEvery };
    const fork = await forkRun(parent.store, parent.run, parent.step, experiment, places);
    await store.updateRun(fork.run.id, { adapter: adapterName(gpu) });
    return train({ ...prepared, gpu, runId: fork.run.id, store, from: fork.from, out, output });
  }
  const run = { ...newRun(experiment, adapterName(gpu)), keepEvery };
  await store.createRun(run);
  return train({ ...prepared, gpu, runId: run.id, store, out, output });
}

interface Parent {
  store: FolderStore;
  run: RunRecord;
  step: number;
}

/** @param place a run's folder, and after `@` the step of a kept checkpoint */
async function findParent(place: string): Promise<Parent> {
  const [, dir, step] = /^(.*?)(?:@(\d+))?$/.exec(place) ?? [];
  const store = new FolderStore(dir);
  const run = await store.run();
  const newest = (await store.checkpoints(run.id)).at(-1)?.step;
  return { store, run, step: step === undefined ? (newest ?? run.step) : Number(step) };
}

/** What is named on the command line; without a name what the parent was run with. */
function settingsOf(
  nameOrFile: string | undefined,
  parent: Parent | undefined,
  overrides: Overrides,
): Promise<Experiment> {
  if (nameOrFile !== undefined) return loadExperiment(nameOrFile, overrides);
  if (parent) return Promise.resolve(override(parseExperiment(parent.run.experiment), overrides));
  throw new CliError(
    'Name an experiment (a preset or a JSON file), or the run to begin from with --from. lab presets lists the presets.',
  );
}

/** An empty folder that goes with the process. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lab-run-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A model outside `public/models` is kept by its absolute path, so that the run can be resumed from any folder. */
function withKeptModelPath(experiment: Experiment): Experiment {
  const folder = findModelFolder(experiment.model.path);
  return folder === resolve(experiment.model.path)
    ? { ...experiment, model: { ...experiment.model, path: folder } }
    : experiment;
}
