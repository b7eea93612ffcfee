/** The graphics device and a model on it, as the commands use them. */
import { Gpu, OutOfMemoryError } from '../gpu/device';
import type { WeightType } from '../gpu/kernels/packed-weights';
import type { ModelDirectory } from '../model/directory';
import { Sampler } from '../rl/policy';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { openNodeGpu } from './adapter';
import { CliError } from './output';

/** Most responses decoded side by side. */
export const SLOTS = 128;

let opened: Gpu | undefined;

/** The device of this process; another one after it was lost. @throws NoVulkanDriverError, NoGpuError */
export async function openGpu(): Promise<Gpu> {
  if (!opened) {
    const gpu = (opened = await Gpu.open({ gpu: await openNodeGpu() }));
    void gpu.device.lost.then(() => {
      if (opened === gpu) opened = undefined;
    });
  }
  return opened;
}

/** To be awaited before `process.exit`: Dawn crashes when the process ends while the device is at work. */
export async function closeGpu(): Promise<void> {
  await opened?.device.queue.onSubmittedWorkDone().catch(() => undefined);
  opened?.device.destroy();
  opened = undefined;
}

/**
 * A model to sample from.
 * @param longest longest prompt and response in tokens
 * @throws CliError when the model has no room for them or the device none for the model, GpuError, TokenizerError
 */
export async function openSampler(
  gpu: Gpu,
  model: ModelDirectory,
  longest: { prompt: number; completion: number },
  { slots = SLOTS, dtype }: { slots?: number; dtype?: WeightType } = {},
): Promise<Sampler> {
  const { maxPositionEmbeddings: positions } = model.config;
  if (longest.prompt + longest.completion > positions) {
    throw new CliError(
      `A prompt of ${longest.prompt} tokens and --max-tokens ${longest.completion} exceed the model's ${positions} positions: ` +
        (longest.prompt < positions
          ? `--max-tokens can be at most ${positions - longest.prompt}.`
          : 'shorten the prompt.'),
    );
  }
  const size = { maxCompletionLength: longest.completion, maxPromptLength: longest.prompt };
  try {
    return await Sampler.open(gpu, model, { ...size, slots, dtype });
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    throw new CliError(
      `${error.message} Less with --dtype float16, int8 or int4 (weights), a lower --max-tokens (KV cache), or a smaller model. Nothing was written.`,
      { cause: error },
    );
  }
}

/** Ids of the tokens named by their text. @throws CliError for a text that is not one token */
export function tokenIdsOf(tokenizer: Tokenizer, texts: readonly string[]): number[] {
  return texts.map((text) => {
    const id = tokenizer.tokenId(text);
    if (id === null) throw new CliError(`--ban ${text}: the model's vocabulary has no such token.`);
    return id;
  });
}
