import type { Command } from 'commander';
import type { WeightType } from '../../gpu/kernels/packed-weights';
import { promptEncoder } from '../../rl/prompt';
import { sampleRollouts } from '../../rl/rollout';
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
  withDtype,
  withJson,
  temperature as asTemperature,
  withModel,
} from '../options';
import { CliError, Output } from '../output';
import { openToolsOf, withTools, type ToolOptions } from '../tools';

interface GenerateOptions extends ToolOptions {
  model: string;
  dtype: WeightType;
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
    .option('--max-tokens <L>', 'longest response in tokens, results of calls included', MAX_TOKENS, 192)
    .option('--ban <TOKEN...>', 'tokens that are never sampled, by their text', [])
    .option('--seed <S>', 'seed of the sampler', SEED, 0)
    .addHelpText(
      'after',
      examples(
        "lab generate --model tiny-countdown --prompt '9 8 2 -> 1 A:' --n 4",
        "lab generate --model runs/aha/model --prompt '9 8 2 -> 1 A:' --temperature 0 --ban wait --json",
        "lab generate --model runs/tool/model --prompt '9 8 2 -> 1 A:' --tools calculator --json",
      ),
    )
    .action((options: GenerateOptions) => generate(options));
  withJson(withTools(withDtype(withModel(command))));
}

async function generate(options: GenerateOptions): Promise<void> {
  const { n, temperature, topK, topP, maxTokens, seed } = options;
  const output = new Output(options.json);
  const model = await loadModelDirectory(options.model);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig);
  const prompt = encodePrompt(options.prompt);
  if (prompt.length === 0) throw new CliError('--prompt: it is empty, and this model has no <bos> token.');
  const bannedIds = tokenIdsOf(tokenizer, options.ban);
  const tools = await openToolsOf(options, tokenizer);
  try {
    const longest = { prompt: prompt.length, completion: maxTokens };
    const sampler = await openSampler(await openGpu(), model, longest, {
      ...{ slots: Math.min(n, SLOTS), dtype: options.dtype },
    });
    const sampling = { temperature, topK, topP, seed, stream: STREAMS.generation, bannedIds };
    const question = { id: 'prompt', prompt: options.prompt, answer: '' };
    const settings = { ...sampling, maxCompletionLength: maxTokens, encodePrompt, tools };
    for (const response of await sampleRollouts(sampler, [question], n, settings)) {
      const { text, tokens, logps, finished, calls, toolMask } = response;
      output.record({
        text,
        tokens: [...tokens],
        logprobs: [...logps],
        finished,
        calls,
        tool_mask: toolMask && [...toolMask],
      });
      output.line(finished ? text : `${text} … (cut at ${maxTokens} tokens)`);
    }
  } finally {
    tools?.interpreter.close();
  }
}
