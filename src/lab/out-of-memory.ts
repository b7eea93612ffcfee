/** What a run says when the graphics device has no room for it: what did not fit, what there is, and what would fit. */
import { GpuError, OutOfMemoryError, type Gpu } from '../gpu/device';
import { partOf } from '../model/memory';
import { promptEncoder } from '../rl/prompt';
import { Tokenizer } from '../tokenizer/tokenizer';
import type { Prepared } from './dataset';
import { memoryOf, PART_LABELS, type ExperimentMemory, type MemoryPart } from './memory';
import { longestPrompt, questionsOf } from './questions';

type Sized = Pick<Prepared, 'experiment' | 'model' | 'dataset'>;

/** Parts that grow with the length of the longest response. */
const BY_LENGTH: readonly (MemoryPart | undefined)[] = [
  'kv_cache',
  'decoding',
  'activations',
  'logits',
  undefined,
];

/**
 * The failure of a run, told with its sizes and the settings that would make it fit.
 * @param kept what became of what was stored, as a sentence
 * @returns `error` itself where it is no lack of memory
 */
export function explainMemory(error: unknown, prepared: Sized, gpu: Gpu, kept: string): unknown {
  if (!(error instanceof OutOfMemoryError)) return error;
  const part = partOf(error.label);
  const name = part ? PART_LABELS[part] : error.label;
  const found =
    error.limit === undefined
      ? `The graphics device has no room for the ${name} (${error.label}): ${megabytes(error.bytes)} more, with ${megabytes(error.held)} taken by the lab already. How much it has in all, WebGPU does not tell.`
      : `The ${name} (${error.label}) need ${megabytes(error.bytes)} in one buffer, and this graphics device allows ${megabytes(error.limit)}.`;
  const memory = memoryOfPrepared(prepared, gpu);
  const shorter = BY_LENGTH.includes(part)
    ? ` Shorter responses take less too: rollout.max_completion_length is ${prepared.experiment.rollout.max_completion_length}.`
    : '';
  return new GpuError(`${found} ${memory ? `${needs(memory)} ${advice(memory)}` : ''}${shorter} ${kept}`, {
    cause: error,
  });
}

/** "Less with …": for a run whose device was lost, perhaps for want of memory. */
export function memoryAdvice(prepared: Sized, gpu: Gpu): string {
  const memory = memoryOfPrepared(prepared, gpu);
  return memory ? `${needs(memory)} ${advice(memory)}` : '';
}

/** Undefined where it cannot be told, which is no reason to say less of the rest. */
function memoryOfPrepared(
  { experiment, model, dataset }: Sized,
  { limits }: Gpu,
): ExperimentMemory | undefined {
  try {
    const tokenizer = new Tokenizer(model.tokenizer, model.tokenizerConfig);
    const encodePrompt = promptEncoder(tokenizer, model.tokenizerConfig, experiment.prompt);
    const longest = longestPrompt(questionsOf(experiment, dataset).all, encodePrompt);
    return memoryOf(experiment, model.config, limits, longest);
  } catch {
    return undefined;
  }
}

function needs({ parts, bytes }: ExperimentMemory): string {
  const listed = Object.entries(parts)
    .filter(([, size]) => size > 0)
    .sort(([, a], [, b]) => b - a)
    .map(([part, size]) => `${PART_LABELS[part as MemoryPart]} ${megabytes(size)}`);
  return `The experiment takes ${megabytes(bytes)}: ${listed.join(', ')}.`;
}

function advice({ savings }: ExperimentMemory): string {
  if (savings.length === 0) return 'No setting takes less; a smaller model does.';
  const said = savings.map(({ setting, to, bytes }) => `${setting} = ${to} (${megabytes(bytes)} in all)`);
  return `Less with ${said.join(', then ')}.`;
}

const megabytes = (bytes: number): string =>
  `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: bytes < 1e7 ? 2 : 0 })} MB`;
