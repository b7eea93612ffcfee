import type { Command } from 'commander';
import { promptEncoder } from '../../rl/prompt';
import { STREAMS } from '../../rl/streams';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { SLOTS, openGpu, openSampler, tokenIdsOf } from '../engine';
import { loadModelDirectory } from '../files';
import {
  MAX_TOKENS,
  SEED,
  decimal,
  examples,
  integer,
  withJson,
  temperature as asTemperature,
  withModel,
} from '../options';
import { CliError, Output } from '../output';

interface GenerateOptions {
  model: string;
  prompt: string;
  n: number;
  temperature: number;
  topK: number;
  topP: number;
  maxTokens: number;
  ban: string[];
  seed: number;
  json: boolean;
}

/** `lab generate`: responses to one prompt. */
export function addGenerate(program: Command): void {
  const command = program
    .command('generate')
    .description('complete a prompt; the same seed gives the same responses')
    .requiredOption('--prompt <TEXT>', 'the prompt; <bos> is put before it where the model has one')
    .option('--n <N>', 'responses', integer(1, 1024), 1)
    .option('--temperature <T>', '0 is greedy', asTemperature, 1)
    .option('--top-k <K>', 'sample among the K likeliest tokens; 0 is off', integer(0, 1_000_000), 0)
    .option('--top-p <P>', 'sample from the smallest set with this probability', decimal(0.01, 1), 1)
    .option('--max-tokens <L>', 'longest response in tokens', MAX_TOKENS, 192)
    .option('--ban <TOKEN...>', 'tokens that are never sampled, by their text', [])
    .option('--seed <S>', 'seed of the sampler', SEED, 0)
    .addHelpText(
      'after',
      examples(
        "lab generate --model tiny-countdown --prompt '9 8 2 -> 1 A:' --n 4",
        "lab generate --model runs/aha/model --prompt '9 8 2 -> 1 A:' --temperature 0 --ban wait --json",
      ),
    )
    .action((options: GenerateOptions) => generate(options));
  withJson(withModel(command));
}

async function generate(options: GenerateOptions): Promise<void> {
  const { n, temperature, topK, topP, maxTokens, seed } = options;
  const output = new Output(options.json);
  const model = await loadModelDirectory(options.model);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const prompt = promptEncoder(tokenizer, model.tokenizerConfig)(options.prompt);
  if (prompt.length === 0) throw new CliError('--prompt: it is empty, and this model has no <bos> token.');
  const bannedIds = tokenIdsOf(tokenizer, options.ban);
  const longest = { prompt: prompt.length, completion: maxTokens };
  const sampler = await openSampler(await openGpu(), model, longest, Math.min(n, SLOTS));
  const completions = await sampler.decoder.generate(
    Array.from({ length: n }, (_, stream) => ({ prompt, stream })),
    { temperature, topK, topP, seed, stream: STREAMS.generation },
    { maxNewTokens: maxTokens, stopIds: sampler.stopIds, bannedIds },
  );
  for (const { tokens, logps, finished } of completions) {
    const text = sampler.tokenizer.decode(tokens, { skipSpecialTokens: true });
    output.record({ text, tokens: [...tokens], logprobs: [...logps], finished });
    output.line(finished ? text : `${text} … (cut at ${maxTokens} tokens)`);
  }
}
