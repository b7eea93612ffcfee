/** The policy: one model with what samples from it and what trains it, and its tokenizer. */
import type { Gpu } from '../gpu/device';
import { Decoder } from '../model/decoder';
import type { ModelDirectory } from '../model/directory';
import { Model } from '../model/model';
import { Scorer, Trainer } from '../model/trainer';
import { Tokenizer } from '../tokenizer/tokenizer';

export interface PolicySize {
  /** Longest response in tokens. */
  maxCompletionLength: number;
  /** Longest prompt in tokens, `<bos>` included. */
  maxPromptLength: number;
  /** Responses decoded side by side. */
  slots: number;
  /** Tokens of a training micro-batch. */
  microBatchTokens: number;
}

export class Policy {
  private constructor(
    readonly model: Model,
    readonly tokenizer: Tokenizer,
    readonly decoder: Decoder,
    readonly trainer: Trainer,
    /** The model as it was loaded, for KL; only when asked for. */
    readonly reference: Scorer | undefined,
  ) {}

  /** Loads the model and compiles its kernels. @throws GpuError, ModelFileError, TokenizerError */
  static async load(
    gpu: Gpu,
    directory: ModelDirectory,
    size: PolicySize,
    withReference: boolean,
  ): Promise<Policy> {
    const positions = size.maxPromptLength + size.maxCompletionLength;
    const make = () => {
      const model = new Model(gpu, directory.config);
      model.upload(directory.tensors, 'model.safetensors');
      return model;
    };
    const model = make();
    const tokens = Math.max(size.microBatchTokens, positions);
    const tokenizer = new Tokenizer(directory.tokenizer, directory.tokenizerConfig);
    const decoder = new Decoder(model, { slots: size.slots, maxLength: positions });
    const trainer = new Trainer(model, tokens, positions);
    const reference = withReference ? new Scorer(make(), tokens, positions) : undefined;
    await Promise.all([decoder.prepare(), trainer.prepare(), reference?.prepare()]);
    return new Policy(model, tokenizer, decoder, trainer, reference);
  }

  /** `<bos>` and the prompt's tokens. */
  encodePrompt(prompt: string): number[] {
    const { bosId } = this.tokenizer;
    return [...(bosId === null ? [] : [bosId]), ...this.tokenizer.encode(prompt)];
  }

  /** The ids that end a response. */
  get stopIds(): readonly number[] {
    const { eosId } = this.tokenizer;
    return [...new Set([...this.model.config.eosTokenIds, ...(eosId === null ? [] : [eosId])])];
  }

  destroy(): void {
    this.decoder.destroy();
    this.trainer.destroy();
    this.reference?.destroy();
    this.reference?.model.destroy();
    this.model.destroy();
  }
}
