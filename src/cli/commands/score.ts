import type { Command } from 'commander';
import type { WeightType } from '../../gpu/kernels/packed-weights';
import { packSequences } from '../../model/batch';
import type { ModelFiles } from '../../model/directory';
import { Model } from '../../model/model';
import { Scorer } from '../../model/trainer';
import { openGpu } from '../engine';
import { loadModel } from '../files';
import { examples, idList, withDtype, withJson, withModel } from '../options';
import { CliError, Output } from '../output';

interface ScoreOptions {
  model: string;
  dtype: WeightType;
  ids: number[];
  json: boolean;
}

/** `lab score`: how likely a model finds each next token of a sequence. */
export function addScore(program: Command): void {
  const command = program
    .command('score')
    .description('log-probability of each next token of a sequence; needs no tokenizer')
    .requiredOption('--ids <IDS>', 'token ids separated by commas', idList)
    .addHelpText('after', examples('lab score --model tiny-countdown --ids 1,45,40,34,10,33,11 --json'))
    .action((options: ScoreOptions) => score(options));
  withJson(withDtype(withModel(command)));
}

async function score({ model: path, dtype, ids, json }: ScoreOptions): Promise<void> {
  const output = new Output(json);
  const files = await loadModel(path);
  checkIds(ids, files);
  const gpu = await openGpu();
  const model = new Model(gpu, files.config, dtype);
  await model.load(files.weights);
  const scorer = new Scorer(model, ids.length, ids.length);
  await scorer.prepare();
  scorer.forward(packSequences([{ ids, promptLength: 1 }]));
  const { logp } = await scorer.stats();
  const logprobs = [...logp.subarray(0, ids.length - 1)];
  output.record({ logprobs });
  output.line('position  id  log-prob');
  logprobs.forEach((value, i) => output.line(`${i + 1}  ${ids[i + 1]}  ${value.toFixed(6)}`));
}

/** @throws CliError */
function checkIds(ids: readonly number[], { config }: ModelFiles): void {
  const { vocabSize, maxPositionEmbeddings } = config;
  const outside = ids.find((id) => id >= vocabSize);
  if (outside !== undefined)
    throw new CliError(`--ids: there is no token ${outside}; the model's ids go from 0 to ${vocabSize - 1}.`);
  if (ids.length < 2 || ids.length > maxPositionEmbeddings) {
    throw new CliError(
      `--ids: ${ids.length} given, but a sequence to score has from 2 to ${maxPositionEmbeddings} tokens.`,
    );
  }
}
