import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { adapterName } from '../../lab/adapter-report';
import { newRun } from '../../lab/new-run';
import { PRESETS } from '../../lab/presets';
import type { Experiment } from '../../lab/schema';
import { FolderStore } from '../../store/folder';
import { prepareWithFile } from '../dataset';
import { openGpu } from '../engine';
import { loadExperiment, type Overrides } from '../experiment';
import { findModelFolder, loadModelDirectory } from '../files';
import { SEED, STEPS, examples, withJson } from '../options';
import { Output } from '../output';
import { train } from '../training';

interface RunOptions extends Overrides {
  out?: string;
  json: boolean;
}

/** `lab run`: an experiment from its first step. */
export function addRun(program: Command): void {
  const presets = Object.entries(PRESETS).map(
    ([name, { description }]) => `  ${name.padEnd(12)} ${description}`,
  );
  const command = program
    .command('run')
    .description('run an experiment: one line a step, then a summary')
    .argument('<experiment>', 'a preset, or a JSON file')
    .option('--steps <N>', 'RL steps, instead of the experiment’s', STEPS)
    .option('--seed <S>', 'seed, instead of the experiment’s', SEED)
    .option('--model <DIR>', 'base model, instead of the experiment’s')
    .option('--out <DIR>', 'keep the run here, to be resumed; the trained model goes to DIR/model')
    .addHelpText('after', `\nPresets:\n${presets.join('\n')}`)
    .addHelpText(
      'after',
      examples(
        'lab run aha-quick',
        'lab run aha --seed 1 --out runs/aha-1',
        'lab run experiment.json --steps 10 --json',
      ),
    )
    .action(async (nameOrFile: string, options: RunOptions) => {
      process.exitCode = await runCommand(nameOrFile, options);
    });
  withJson(command);
}

async function runCommand(nameOrFile: string, { json, out, ...overrides }: RunOptions): Promise<number> {
  const output = new Output(json);
  const named = withKeptModelPath(await loadExperiment(nameOrFile, overrides));
  const prepared = await prepareWithFile(named, await loadModelDirectory(named.model.path));
  const { experiment } = prepared;
  const gpu = await openGpu();
  const store = new FolderStore(out ?? temporaryFolder());
  const run = newRun(experiment, adapterName(gpu));
  await store.createRun(run);
  return train({ ...prepared, gpu, runId: run.id, store, out, output });
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
  return folder === resolve(experiment.model.path) ? { ...experiment, model: { path: folder } } : experiment;
}
