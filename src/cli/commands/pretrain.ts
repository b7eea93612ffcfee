import { join } from 'node:path';
import type { Command } from 'commander';
import { adapterName } from '../../lab/adapter-report';
import { parseModelConfig } from '../../model/config';
import { readJson } from '../../model/source';
import { tensorWeights } from '../../model/weights';
import { GATE_SETTINGS, runGate } from '../../sft/gate';
import { pretrain, type PretrainSettings } from '../../sft/pretrain';
import { FolderStore } from '../../store/folder';
import { VOCABULARY } from '../../tasks/countdown/vocabulary';
import { openGpu } from '../engine';
import { findModelFolder, folderSource, readJsonFile, writeModelDirectory } from '../files';
import { SEED, STEPS, examples, integer, withJson } from '../options';
import { CliError, Output, fixed, row } from '../output';
import { parsePretrainSettings } from '../pretrain-settings';
import { PretrainRun } from '../pretrain-run';
import { printGate, requirePassed } from './gate';

/** Its tokenizer is that of every base of Countdown. */
const BASE = 'tiny-countdown';
/** Steps from one progress line and checkpoint to the next. */
const EVERY = 50;

interface PretrainOptions {
  out: string;
  like: string;
  seed?: number;
  steps?: number;
  settings?: string;
  problems?: number;
  json: boolean;
}

/** `lab pretrain`: the tiny base model from nothing, and the gate it must pass. */
export function addPretrain(program: Command): void {
  const command = program
    .command('pretrain')
    .description('pre-train the tiny base model, then run the gate; the same command continues after a break')
    .option('--out <DIR>', 'checkpoints go here, the model to DIR/model', 'runs/base')
    .option('--like <DIR>', 'model directory, or name, whose config.json and tokenizer it gets', BASE)
    .option('--seed <S>', 'seed of the initial values and the corpus', SEED)
    .option('--steps <N>', 'AdamW steps', STEPS)
    .option('--settings <FILE>', 'JSON file with what differs from the measured recipe')
    .option('--problems <K>', 'validation problems that the gate samples', integer(1, 1_000_000))
    .addHelpText(
      'after',
      examples(
        'lab pretrain --out runs/base',
        'lab pretrain --out runs/base-1 --seed 1 --settings weak.json --json',
        'lab pretrain --out runs/small --like tiny-countdown-36k',
      ),
    )
    .action((options: PretrainOptions) => pretrainCommand(options));
  withJson(command);
}

async function pretrainCommand({ out, like, problems, json, ...options }: PretrainOptions): Promise<void> {
  const output = new Output(json);
  const settings = await settingsOf(options);
  const base = findModelFolder(like);
  const config = parseModelConfig(await readJson(folderSource(base), 'config.json'));
  if (config.vocabSize !== VOCABULARY.length)
    throw new CliError(
      `${base}/config.json is for ${config.vocabSize} words, and Countdown has ${VOCABULARY.length}. Nothing was started.`,
    );
  const run = await PretrainRun.open(new FolderStore(out), settings, config);
  if (run.warning) output.note(run.warning);
  const gpu = await openGpu();
  const adapter = adapterName(gpu);
  await run.begin(adapter);
  if (run.from) output.note(`Continuing at step ${run.from.step} of ${settings.steps}.`);

  const widths = [7, 8, 14, 10];
  output.line(row(['step', 'loss', 'learning rate', 'tokens'], widths));
  const tensors = await pretrain(gpu, config, settings, {
    every: EVERY,
    from: run.from,
    onProgress: (progress) => {
      const metrics = run.record(progress);
      const { step, loss, learning_rate, num_tokens } = metrics;
      output.record(metrics);
      output.line(row([`${step}`, fixed(loss, 4), learning_rate.toExponential(2), `${num_tokens}`], widths));
    },
    onCheckpoint: (checkpoint) => run.commit(checkpoint),
  });
  const gate = await runGate(
    gpu,
    { config, weights: tensorWeights(tensors, 'model.safetensors') },
    { ...GATE_SETTINGS, ...(problems && { problems }) },
  );
  const { seconds, tokens } = await run.finish();
  const folder = join(out, 'model');
  const report = { settings, adapter, seconds, tokens, gate };
  await writeModelDirectory(folder, base, tensors, {
    others: { 'pretraining.json': JSON.stringify(report, null, 2) + '\n' },
  });
  printGate(output, gate);
  const { steps, seed } = settings;
  output.record({ summary: { passed: gate.passed, steps, seconds, tokens, adapter, seed, out: folder } });
  output.line(`\nThe model is in ${folder} (${steps} steps, ${seconds.toFixed(0)} s on ${adapter}).`);
  requirePassed(gate);
}

/** @throws CliError */
async function settingsOf({
  settings: file,
  seed,
  steps,
}: Partial<PretrainOptions>): Promise<PretrainSettings> {
  const settings = parsePretrainSettings(
    file === undefined ? {} : await readJsonFile(file),
    file ?? 'options',
  );
  return { ...settings, seed: seed ?? settings.seed, steps: steps ?? settings.steps };
}
