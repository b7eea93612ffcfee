import { Option, type Command } from 'commander';
import type { Gpu } from '../../gpu/device';
import type { WeightType } from '../../gpu/kernels/packed-weights';
import { unreadable } from '../../lab/dataset';
import { evaluationNumbers } from '../../lab/eval-metrics';
import { longestPrompt } from '../../lab/questions';
import { evaluate } from '../../rl/evaluate';
import type { JudgedRollout } from '../../rl/judge';
import { promptEncoder } from '../../rl/prompt';
import { sampledLength } from '../../rl/tools/mask';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { TASK_NAMES } from '../../tasks';
import { openGpu, openSampler, tokenIdsOf } from '../engine';
import { loadModelDirectory } from '../files';
import {
  MAX_TOKENS,
  SEED,
  examples,
  integer,
  temperature as asTemperature,
  withDtype,
  withJson,
  withModel,
} from '../options';
import { CliError, Output, fixed, row } from '../output';
import { problemSets, type ProblemSet } from '../problem-sets';
import { openToolsOf, withTools, type ToolOptions } from '../tools';

interface EvalOptions extends ToolOptions {
  model: string;
  dtype: WeightType;
  data?: string;
  task: string[];
  against?: string;
  split: 'validation' | 'test';
  problems?: number;
  n: number;
  temperature?: number;
  maxTokens: number;
  ban: string[];
  responses: boolean;
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
    .option(
      '--data <FILE>',
      'problems: JSON lines {"numbers":[9,8,2],"target":1}, or questions and answers as lab data reads them',
    )
    .addOption(
      new Option('--task <NAME...>', 'tasks to evaluate on').choices(TASK_NAMES).default(['countdown']),
    )
    .option('--against <DIR>', 'another model, usually the base, on the same problems and noise')
    .addOption(new Option('--split <NAME>', 'held-out set').choices(['validation', 'test']).default('test'))
    .option('--problems <K>', 'only the first K problems', integer(1, 1_000_000))
    .option('--n <N>', 'responses a problem of the sampled evaluation', integer(1, 64), 4)
    .option('--temperature <T>', 'only this temperature, 0 is greedy (default: both 0 and 1)', asTemperature)
    .option(
      '--max-tokens <L>',
      'longest response in tokens, results of calls included; a cut one is wrong',
      MAX_TOKENS,
      192,
    )
    .option('--ban <TOKEN...>', 'tokens that are never sampled, by their text', [])
    .option('--responses', 'print every response too, with its calls', false)
    .option('--seed <S>', 'seed of the sampler', SEED, 0)
    .addHelpText(
      'after',
      examples(
        'lab eval --model runs/aha/model',
        'lab eval --model runs/aha/model --split validation --temperature 0 --json',
        'lab eval --model runs/aha/model --against tiny-countdown --n 8',
        "lab eval --model runs/aha/model --data problems.jsonl --ban wait check '->'",
        'lab eval --model runs/tool/model --tools calculator --max-calls 12 --responses --json',
      ),
    )
    .action((options: EvalOptions) => evalCommand(options));
  withJson(withTools(withDtype(withModel(command))));
}

type Numbers = Record<string, number>;

async function evalCommand(options: EvalOptions): Promise<void> {
  const output = new Output(options.json);
  const found = await problemSets(options.data, options.task, options.split);
  const sets = found.map((set) => ({ ...set, problems: set.problems.slice(0, options.problems) }));
  for (const { name, dropped } of sets)
    if (dropped > 0) output.note(`${dropped} rows of ${name} are left out; lab data ${name} tells why.`);
  const gpu = await openGpu();
  const trained = await evaluateModel(gpu, options.model, sets, options, output);
  const base =
    options.against === undefined
      ? undefined
      : await evaluateModel(gpu, options.against, sets, options, output);
  for (const [i, { name, problems }] of sets.entries()) {
    output.record({
      set: name,
      problems: problems.length,
      ...trained[i],
      ...(base && { against: base[i], difference: differences(trained[i], base[i]) }),
    });
    output.line(`${name}: ${problems.length} problems\n`);
    const modes = Object.keys(trained[i]);
    const columns = modes.flatMap((mode) =>
      base
        ? [
            { title: `${mode}, base`, numbers: base[i][mode] },
            { title: mode, numbers: trained[i][mode] },
          ]
        : [{ title: mode, numbers: trained[i][mode] }],
    );
    const metrics = Object.keys(columns.reduce((all, { numbers }) => ({ ...all, ...numbers }), {}));
    const widths = [
      Math.max(...metrics.map((metric) => metric.length)),
      ...columns.map(({ title }) => Math.max(8, title.length)),
    ];
    output.line(row(['', ...columns.map(({ title }) => title)], widths));
    for (const metric of metrics)
      output.line(row([metric, ...columns.map(({ numbers }) => fixed(numbers[metric]))], widths));
    output.line();
  }
}

/** Of each set, the numbers of each mode. */
async function evaluateModel(
  gpu: Gpu,
  directory: string,
  sets: readonly ProblemSet[],
  options: EvalOptions,
  output: Output,
): Promise<Record<string, Numbers>[]> {
  const { maxTokens, seed } = options;
  const model = await loadModelDirectory(directory);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const bannedIds = tokenIdsOf(tokenizer, options.ban);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig);
  const problems = sets.flatMap((set) => set.problems);
  const fault = unreadable(problems, encodePrompt, model.config.maxPositionEmbeddings - maxTokens);
  if (fault) throw new CliError(fault);
  const longest = { prompt: longestPrompt(problems, encodePrompt), completion: maxTokens };
  const tools = await openToolsOf(options, tokenizer);
  try {
    const sampler = await openSampler(gpu, model, longest, { dtype: options.dtype });
    const results: Record<string, Numbers>[] = [];
    for (const { name: set, task, problems } of sets) {
      const byMode: Record<string, Numbers> = {};
      for (const { name: mode, temperature, numSamples } of modes(options)) {
        const sampling = { seed, temperature, numSamples, bannedIds };
        const settings = { ...sampling, maxCompletionLength: maxTokens, encodePrompt, tools };
        const responses = await evaluate(sampler, task, problems, settings);
        if (options.responses) responses.forEach((r) => printResponse(output, directory, set, mode, r));
        byMode[mode] = evaluationNumbers(responses, numSamples);
      }
      results.push(byMode);
    }
    sampler.destroy();
    return results;
  } finally {
    tools?.interpreter.close();
  }
}

function printResponse(output: Output, model: string, set: string, mode: string, r: JudgedRollout): void {
  const { problem, text, correct, finished, verdict, calls } = r;
  const { prompt, answer } = problem;
  const judged = { correct, finished, verdict: verdict.reason, length: sampledLength(r), calls };
  output.record({ model, set, mode, prompt, answer, response: text, ...judged });
  output.line(`${prompt} ${text}\n  ${mode}, ${correct ? 'right' : 'wrong'}: ${verdict.reason}`);
  for (const { code, output: result, ms } of calls ?? [])
    output.line(`  ${code} → ${result === null ? 'not run' : `${result} (${ms.toFixed(1)} ms)`}`);
}

const differences = (a: Record<string, Numbers>, b: Record<string, Numbers>): Record<string, Numbers> =>
  Object.fromEntries(
    Object.entries(a).map(([mode, numbers]) => [
      mode,
      Object.fromEntries(
        Object.entries(numbers).flatMap(([metric, value]) =>
          metric in b[mode] ? [[metric, value - b[mode][metric]]] : [],
        ),
      ),
    ]),
  );

function modes({ temperature, n }: EvalOptions): Mode[] {
  const greedy: Mode = { name: 'greedy', temperature: 0, numSamples: 1 };
  const sampled: Mode = { name: 'sampled', temperature: temperature ?? 1, numSamples: n };
  if (temperature === undefined) return [greedy, sampled];
  return [temperature === 0 ? greedy : sampled];
}
