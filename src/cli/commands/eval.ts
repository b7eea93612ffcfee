import { Option, type Command } from 'commander';
import { EVAL_METRICS } from '../../lab/metrics';
import { evaluate } from '../../rl/evaluate';
import { responseMetrics } from '../../rl/judge';
import { promptEncoder } from '../../rl/prompt';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { countdown } from '../../tasks/countdown';
import type { CountdownProblem } from '../../tasks/countdown/problems';
import { parseProblems } from '../data';
import { openGpu, openSampler, tokenIdsOf } from '../engine';
import { loadModelDirectory, readText } from '../files';
import {
  MAX_TOKENS,
  SEED,
  examples,
  integer,
  temperature as asTemperature,
  withJson,
  withModel,
} from '../options';
import { Output, fixed, row } from '../output';

interface EvalOptions {
  model: string;
  data?: string;
  split: 'validation' | 'test';
  problems?: number;
  n: number;
  temperature?: number;
  maxTokens: number;
  ban: string[];
  seed: number;
  json: boolean;
}

interface Mode {
  name: 'greedy' | 'sampled';
  temperature: number;
  numSamples: number;
}

/** `lab eval`: accuracy, length and reflection of a model on held-out problems. */
export function addEval(program: Command): void {
  const command = program
    .command('eval')
    .description('evaluate a model, greedily and sampled, on held-out problems')
    .option('--data <FILE>', 'problems as JSON lines {"numbers":[9,8,2],"target":1}; the split otherwise')
    .addOption(new Option('--split <NAME>', 'held-out set').choices(['validation', 'test']).default('test'))
    .option('--problems <K>', 'only the first K problems', integer(1, 1_000_000))
    .option('--n <N>', 'responses a problem of the sampled evaluation', integer(1, 64), 4)
    .option('--temperature <T>', 'only this temperature, 0 is greedy (default: both 0 and 1)', asTemperature)
    .option('--max-tokens <L>', 'longest response in tokens; a cut one is wrong', MAX_TOKENS, 192)
    .option('--ban <TOKEN...>', 'tokens that are never sampled, by their text', [])
    .option('--seed <S>', 'seed of the sampler', SEED, 0)
    .addHelpText(
      'after',
      examples(
        'lab eval --model runs/aha/model',
        'lab eval --model runs/aha/model --split validation --temperature 0 --json',
        'lab eval --model runs/aha/model --data problems.jsonl --ban wait check',
      ),
    )
    .action((options: EvalOptions) => evalCommand(options));
  withJson(withModel(command));
}

async function evalCommand(options: EvalOptions): Promise<void> {
  const { maxTokens, seed } = options;
  const output = new Output(options.json);
  const problems = await problemsOf(options);
  const model = await loadModelDirectory(options.model);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const bannedIds = tokenIdsOf(tokenizer, options.ban);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig);
  const prompt = problems.reduce((n, p) => Math.max(n, encodePrompt(p.prompt).length), 0);
  const longest = { prompt, completion: maxTokens };
  const sampler = await openSampler(await openGpu(), model, longest);

  const results: [name: string, metrics: Record<string, number>][] = [];
  for (const { name, temperature, numSamples } of modes(options)) {
    const settings = {
      maxCompletionLength: maxTokens,
      seed,
      temperature,
      numSamples,
      bannedIds,
      encodePrompt,
    };
    const metrics = responseMetrics(await evaluate(sampler, countdown, problems, settings));
    const shown = EVAL_METRICS.filter((metric) => metric in metrics);
    results.push([name, Object.fromEntries(shown.map((metric) => [metric, metrics[metric]]))]);
  }
  output.record({ problems: problems.length, ...Object.fromEntries(results) });
  output.line(`${problems.length} problems\n`);
  const widths = [24, ...results.map(() => 8)];
  output.line(row(['', ...results.map(([name]) => name)], widths));
  for (const metric of EVAL_METRICS)
    output.line(row([metric, ...results.map(([, metrics]) => fixed(metrics[metric]))], widths));
}

/** @throws CliError */
async function problemsOf({ data, split, problems }: EvalOptions): Promise<readonly CountdownProblem[]> {
  const all = data === undefined ? countdown.split(split) : parseProblems(await readText(data), data);
  return all.slice(0, problems);
}

function modes({ temperature, n }: EvalOptions): Mode[] {
  const greedy: Mode = { name: 'greedy', temperature: 0, numSamples: 1 };
  const sampled: Mode = { name: 'sampled', temperature: temperature ?? 1, numSamples: n };
  if (temperature === undefined) return [greedy, sampled];
  return [temperature === 0 ? greedy : sampled];
}
