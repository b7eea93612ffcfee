/** One model with its tokenizer and what samples from it: the sampler; and what trains it as well: the policy. */
import type { Gpu } from '../gpu/device';
import { Decoder } from '../model/decoder';
import type { ModelDirectory } from '../model/directory';
import { Model } from '../model/model';
import { Scorer, Trainer } from '../model/trainer';
import { Tokenizer } from '../tokenizer/tokenizer';

export interface SamplerSize {
  /** Longest response in tokens. */
  maxCompletionLength: number;
  /** Longest prompt in tokens, `<bos>` included. */
  maxPromptLength: number;
  /** Responses decoded side by side. */
  slots: number;
}

export interface PolicySize extends SamplerSize {
  /** Tokens of a training micro-batch. */
  microBatchTokens: number;
}

export class Sampler {
  protected constructor(
    readonly model: Model,
    readonly tokenizer: Tokenizer,
    readonly decoder: Decoder,
  ) {}

  /** Loads the model and compiles its decoding kernels. @throws GpuError, ModelFileError, TokenizerError */
  static async open(gpu: Gpu, directory: ModelDirectory, size: SamplerSize): Promise<Sampler> {
    const { model, tokenizer, decoder } = await makeSampler(gpu, directory, size);
    await decoder.prepare();
    return new Sampler(model, tokenizer, decoder);
  }

  /** The ids that end a response. */
  get stopIds(): readonly number[] {
    const { eosId } = this.tokenizer;
    return [...new Set([...this.model.config.eosTokenIds, ...(eosId === null ? [] : [eosId])])];
  }

  destroy(): void {
    this.decoder.destroy();
    this.model.destroy();
  }
}

export class Policy extends Sampler {
  private constructor(
    sampler: Awaited<ReturnType<typeof makeSampler>>,
    readonly trainer: Trainer,
    /** The model as it was loaded, for KL; only when asked for. */
    readonly reference: Scorer | undefined,
  ) {
    super(sampler.model, sampler.tokenizer, sampler.decoder);
  }

  /** Loads the model and compiles its kernels. @throws GpuError, ModelFileError, TokenizerError */
  static async load(
    gpu: Gpu,
    directory: ModelDirectory,
    size: PolicySize,
    withReference: boolean,
  ): Promise<Policy> {
    const positions = size.maxPromptLength + size.maxCompletionLength;
    const tokens = Math.max(size.microBatchTokens, positions);
    const sampler = await makeSampler(gpu, directory, size);
    const trainer = new Trainer(sampler.model, tokens, positions);
    const reference = withReference ? new Scorer(copyOf(sampler.model), tokens, positions) : undefined;
    await Promise.all([sampler.decoder.prepare(), trainer.prepare(), reference?.prepare()]);
    return new Policy(sampler, trainer, reference);
  }

  /** The reference becomes the policy as it is now. */
  refreshReference(): void {
    this.reference?.model.copyFrom(this.model);
  }

  override destroy(): void {
    this.trainer.destroy();
    this.reference?.destroy();
    this.reference?.model.destroy();
    super.destroy();
  }
}

function copyOf(model: Model): Model {
  const copy = new Model(model.gpu, model.config);
  copy.copyFrom(model);
  return copy;
}

async function makeSampler(gpu: Gpu, directory: ModelDirectory, size: SamplerSize) {
  const tokenizer = new Tokenizer(directory.tokenizer, directory.tokenizerConfig);
  const model = new Model(gpu, directory.config);
  await model.load(directory.weights);
  const maxLength = size.maxPromptLength + size.maxCompletionLength;
  return { model, tokenizer, decoder: new Decoder(model, { slots: size.slots, maxLength }) };
}
