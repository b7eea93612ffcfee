/** How hard imported questions are for a model: the headless twin of an experiment's difficulty filter. */
import { unreadable } from '../lab/dataset';
import { longestPrompt } from '../lab/questions';
import { passRates } from '../rl/pass-rates';
import { promptEncoder } from '../rl/prompt';
import { STREAMS } from '../rl/streams';
import { filterByPassRate, importedTask, type PassRateFilter } from '../tasks/import';
import { grade } from '../tasks/maths/grade';
import type { Problem } from '../tasks/types';
import { Tokenizer } from '../tokenizer/tokenizer';
import { openGpu, openSampler } from './engine';
import { loadModelDirectory } from './files';
import { CliError } from './output';

export interface MeasureOptions {
  model?: string;
  samples: number;
  minPassRate: number;
  maxPassRate: number;
  maxTokens: number;
  seed: number;
}

export interface Measured extends PassRateFilter<Problem> {
  /** Share of right responses by the problem's id. */
  rates: ReadonlyMap<string, number>;
}

/**
 * Samples responses at temperature 1 and filters by how many are right.
 * @throws CliError when the bounds contradict each other or the model cannot read a question; GpuError, ModelFileError
 */
export async function measure(
  problems: readonly Problem[],
  directory: string,
  { samples, minPassRate: min, maxPassRate: max, maxTokens, seed }: MeasureOptions,
): Promise<Measured> {
  if (min > max)
    throw new CliError(`--min-pass-rate ${min} lies above --max-pass-rate ${max}; nothing was measured.`);
  const model = await loadModelDirectory(directory);
  const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
  const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig);
  const fault = unreadable(problems, encodePrompt, model.config.maxPositionEmbeddings - maxTokens);
  if (fault) throw new CliError(fault);
  const size = { prompt: longestPrompt(problems, encodePrompt), completion: maxTokens };
  const sampler = await openSampler(await openGpu(), model, size);
  try {
    const task = importedTask({ name: 'imported', title: 'Imported', problems, check: grade });
    const sampling = {
      encodePrompt,
      seed,
      stream: STREAMS.passRates,
      temperature: 1,
      topK: 0,
      topP: 1,
      maxCompletionLength: maxTokens,
    };
    const rates = await passRates(sampler, task, problems, samples, sampling, { onProgress: progress });
    return { rates, ...filterByPassRate(problems, rates, { min, max }) };
  } finally {
    sampler.destroy();
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  }
}

/** One line that overwrites itself, on a terminal only. */
function progress(done: number, total: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kmeasuring ${done}/${total}`);
}
