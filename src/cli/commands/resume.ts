import type { Command } from 'commander';
import { totalSteps } from '../../lab/schedule';
import { parseExperiment } from '../../lab/schema';
import { isCheckpointOf } from '../../lab/trained';
import { FolderStore } from '../../store/folder';
import type { RunRecord } from '../../store/types';
import { prepareWithFile } from '../dataset';
import { openGpu } from '../engine';
import { override } from '../experiment';
import { loadModelDirectory } from '../files';
import { STEPS, examples, integer, withJson } from '../options';
import { CliError, Output } from '../output';
import { train } from '../training';

interface ResumeOptions {
  steps?: number;
  rewind?: number;
  json: boolean;
}

/** `lab resume`: a stored run from its newest checkpoint. */
export function addResume(program: Command): void {
  const command = program
    .command('resume')
    .description('continue a run from its newest checkpoint')
    .argument('<DIR>', 'the folder given to lab run --out')
    .option('--steps <N>', 'RL steps of the whole run, instead of the experiment’s', STEPS)
    .option(
      '--rewind <STEP>',
      'go back to a kept checkpoint first: what came after it is deleted',
      integer(0, 1_000_000),
    )
    .addHelpText(
      'after',
      examples(
        'lab resume runs/aha-1',
        'lab resume runs/aha-1 --steps 100 --json',
        'lab resume runs/aha-1 --rewind 40',
      ),
    )
    .action(async (dir: string, options: ResumeOptions) => {
      process.exitCode = await resume(dir, options);
    });
  withJson(command);
}

async function resume(dir: string, { steps, rewind, json }: ResumeOptions): Promise<number> {
  const output = new Output(json);
  const store = new FolderStore(dir);
  const run = await store.run();
  const stored = override(parseExperiment(run.experiment), { steps });
  const newest = (await store.checkpoints(run.id)).at(-1)?.step ?? 0;
  const model = await loadModelDirectory(stored.model.path);
  const prepared = await prepareWithFile(stored, model, rewind ?? newest);
  const { experiment } = prepared;
  if (rewind !== undefined) await rewindTo(store, run, rewind);
  const from = await store.latestCheckpoint(run.id);
  if (from && from.step > totalSteps(experiment)) {
    throw new CliError(
      `${dir} is at step ${from.step} already, past step ${totalSteps(experiment)}. Nothing was changed; give --steps ${from.step - experiment.sft.steps} or more.`,
    );
  }
  if (from && !isCheckpointOf(model.config, experiment.training, from)) {
    throw new CliError(
      `The checkpoint in ${dir} is not of the model ${experiment.model.path}. Nothing was changed; put back the model that the run began with.`,
    );
  }
  const gpu = await openGpu();
  if ((await store.run()).step > totalSteps(experiment))
    await store.truncateAfter(run.id, totalSteps(experiment));
  await store.updateRun(run.id, { experiment });
  return train({ ...prepared, gpu, runId: run.id, store, from, out: dir, output });
}

/** @throws CliError when no checkpoint of the step is kept */
async function rewindTo(store: FolderStore, { id }: RunRecord, step: number): Promise<void> {
  const kept = (await store.checkpoints(id)).map((checkpoint) => checkpoint.step);
  if (!kept.includes(step))
    throw new CliError(
      `${store.dir} keeps no checkpoint of step ${step}, and nothing was changed. Kept are the steps ${kept.join(', ') || 'none'}.`,
    );
  await store.truncateAfter(id, step);
}
