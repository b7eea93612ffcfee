import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Option, type Command } from 'commander';
import { adapterName } from '../../lab/adapter-report';
import type { ModelDirectory } from '../../model/directory';
import { Model } from '../../model/model';
import { Trainer } from '../../model/trainer';
import { Random } from '../../random';
import { conversationEncoder, promptEncoder, type ConversationEncoder } from '../../rl/prompt';
import { STREAMS } from '../../rl/streams';
import {
  encodeDemonstrations,
  parseDemonstrations,
  type EncodedDemonstrations,
  type ImportedDemonstration,
  type Prompt,
} from '../../sft/dataset';
import { DEMONSTRATION_MIXES, synthesize, type DemonstrationMix } from '../../sft/demonstrations';
import { batchOfStep, sftMetrics, sftStep, type SftSettings } from '../../sft/finetune';
import { TASK_NAMES, taskByName, type TaskName } from '../../tasks';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { openGpu } from '../engine';
import { findModelFolder, loadModelDirectory, readText, writeModelDirectory } from '../files';
import { MAX_TOKENS, SEED, STEPS, decimal, examples, integer, withJson, withModel } from '../options';
import { CliError, Output, fixed, row } from '../output';
import { withToolFormat, type ToolFormat } from '../tools';

/** Tokens of a training micro-batch. */
const MICRO_BATCH_TOKENS = 4096;

interface SftOptions {
  model: string;
  data?: string;
  task?: TaskName;
  style: DemonstrationMix;
  examples: number;
  steps: number;
  batchSize: number;
  lr: number;
  warmup: number;
  maxTokens: number;
  toolFormat: ToolFormat;
  seed: number;
  out: string;
  json: boolean;
}

/** `lab sft`: supervised fine-tuning of a model on demonstrations. */
export function addSft(program: Command): void {
  const command = program
    .command('sft')
    .description('fine-tune a model on demonstrations: one line a step, then a Hugging Face directory')
    .addOption(
      new Option(
        '--data <FILE>',
        'demonstrations as JSON lines {"messages":[…]} or {"prompt":…,"completion":…}',
      ).conflicts('task'),
    )
    .addOption(new Option('--task <NAME>', 'demonstrations that a task writes').choices(TASK_NAMES))
    .addOption(
      new Option('--style <STYLE>', 'with --task: how they are written')
        .choices(DEMONSTRATION_MIXES)
        .default('reflective'),
    )
    .option('--examples <N>', 'with --task: how many, of training problems', integer(1, 1_000_000), 1024)
    .option('--steps <N>', 'AdamW steps', STEPS, 100)
    .option('--batch-size <N>', 'demonstrations a step', integer(1, 4096), 32)
    .option('--lr <RATE>', 'learning rate', decimal(1e-9, 1), 1e-3)
    .option('--warmup <N>', 'steps over which the learning rate rises', integer(0, 1_000_000), 5)
    .option('--max-tokens <L>', 'longer demonstrations are left out, prompt included', MAX_TOKENS, 1024)
    .option('--seed <S>', 'seed of the demonstrations and of their order', SEED, 0)
    .requiredOption('--out <DIR>', 'the model goes to DIR/model')
    .addHelpText(
      'after',
      '\nThe last turn of "messages" is learnt. It may call calculator, javascript or python before: a turn with "tool_calls"\n' +
        '[{"function":{"name":"python","arguments":{"code":"…"}}}], answered by a turn of the role "tool"; or in its text, as\n' +
        'a ```python block followed by an ```output block. Results are shown to the model, not learnt.\n' +
        examples(
          'lab sft --model tiny-countdown --task countdown --style reflective --steps 60 --out runs/cold',
          'lab sft --model runs/base/model --data demonstrations.jsonl --out runs/sft --json',
        ),
    )
    .action((options: SftOptions) => sft(options));
  withJson(withToolFormat(withModel(command)));
}

async function sft(options: SftOptions): Promise<void> {
  const { steps, seed, out } = options;
  const output = new Output(options.json);
  const begin = performance.now();
  const base = findModelFolder(options.model);
  const directory = await loadModelDirectory(options.model);
  const { examples, tooLong } = encode(options, await demonstrationsOf(options), directory);
  const source = options.data ?? `${options.task} (${options.style})`;
  if (tooLong.length)
    output.note(
      `${source}: ${tooLong.length} of the demonstrations are longer than ${options.maxTokens} tokens and were left out whole, the longest with ${tooLong.reduce((most, { tokens }) => Math.max(most, tokens), 0)}.`,
    );
  if (examples.length === 0)
    throw new CliError(`${source}: no demonstration is left, and nothing was trained. Raise --max-tokens.`);
  await makeFolder(out);

  const gpu = await openGpu();
  const longest = examples.reduce((most, e) => Math.max(most, e.promptIds.length + e.tokens.length), 0);
  const model = new Model(gpu, directory.config);
  await model.load(directory.weights);
  const trainer = new Trainer(model, Math.max(MICRO_BATCH_TOKENS, longest), longest);
  await trainer.prepare();
  const settings = settingsOf(options);
  const widths = [7, 8, 14, 10, 14, 10];
  output.line(row(['step', 'loss', 'token accuracy', 'grad norm', 'learning rate', 'tokens'], widths));
  let tokens = 0;
  let loss = 0;
  for (let step = 1; step <= steps; step++) {
    const result = await sftStep(trainer, batchOfStep(examples, step, settings), step, settings);
    tokens += result.tokens;
    loss = result.loss;
    output.record({ step, ...sftMetrics(result), num_tokens: tokens });
    const cells = [fixed(loss, 4), fixed(result.tokenAccuracy), fixed(result.gradNorm)];
    output.line(row([`${step}`, ...cells, result.learningRate.toExponential(2), `${tokens}`], widths));
  }
  const folder = join(out, 'model');
  const tensors = await model.download();
  await writeModelDirectory(folder, base, tensors, {
    kept: 'Nothing of it is kept; mend the folder and train again.',
  });
  const seconds = (performance.now() - begin) / 1000;
  const adapter = adapterName(gpu);
  output.record({
    summary: {
      steps,
      seconds,
      tokens,
      loss,
      examples: examples.length,
      too_long: tooLong.length,
      adapter,
      seed,
      out: folder,
    },
  });
  output.line(`\nThe model is in ${folder} (${steps} steps, ${seconds.toFixed(0)} s on ${adapter}).`);
}

/** @throws CliError, DemonstrationError */
async function demonstrationsOf({
  data,
  task: name,
  style,
  examples,
  seed,
}: SftOptions): Promise<ImportedDemonstration[]> {
  if (data !== undefined) return parseDemonstrations(await readText(data), data);
  if (name === undefined) throw new CliError('Name the demonstrations: --data FILE or --task NAME.');
  const task = taskByName(name);
  return synthesize(task, task.split('train'), examples, style, new Random(seed, STREAMS.demonstrations));
}

/** @throws TokenizerError, DemonstrationError */
function encode(
  { maxTokens, toolFormat }: SftOptions,
  demonstrations: readonly ImportedDemonstration[],
  { config, tokenizer: json, tokenizerConfig }: ModelDirectory,
): EncodedDemonstrations<Prompt> {
  const tokenizer = new Tokenizer(json, tokenizerConfig);
  const question = promptEncoder(tokenizer, tokenizerConfig);
  let conversation: ConversationEncoder | undefined;
  const encodePrompt = (prompt: Prompt) => {
    if (typeof prompt === 'string') return question(prompt);
    conversation ??= conversationEncoder(tokenizer, tokenizerConfig);
    return conversation(prompt);
  };
  const limit = Math.min(maxTokens, config.maxPositionEmbeddings);
  const form = toolFormat === 'auto' ? undefined : toolFormat;
  return encodeDemonstrations(demonstrations, tokenizer, encodePrompt, limit, form);
}

const settingsOf = ({ seed, batchSize, lr, warmup }: SftOptions): SftSettings => ({
  seed,
  batchSize,
  warmupSteps: warmup,
  optimizer: {
    learningRate: lr,
    beta1: 0.9,
    beta2: 0.99,
    epsilon: 1e-8,
    weightDecay: 0,
    maxGradNorm: 1,
  },
});

/** Found out before the training, not after it. @throws CliError */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new CliError(
      `--out ${path}: the folder cannot be made, and nothing was trained: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
}
