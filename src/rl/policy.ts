/** One model with its tokenizer and what samples from it: the sampler; and what trains it as well: the policy. */
import type { Gpu } from '../gpu/device';
import type { WeightType } from '../gpu/kernels/packed-weights';
import { Decoder } from '../model/decoder';
import type { ModelDirectory } from '../model/directory';
import type { DecoderSize } from '../model/decoder-sizes';
import { Adapter, type LoraConfig } from '../model/lora';
import { fittingSizes, type TrainingSize } from '../model/memory';
import { Model } from '../model/model';
import type { ParameterArray } from '../model/parameter-array';
import { Scorer, Trainer } from '../model/trainer';
import { Random } from '../random';
import { Tokenizer } from '../tokenizer/tokenizer';
import { STREAMS } from './streams';

export interface SamplerSize {
  /** Longest response in tokens. */
  maxCompletionLength: number;
  /** Longest prompt in tokens, `<bos>` included. */
  maxPromptLength: number;
  /** Responses decoded side by side. */
  slots: number;
  /** How the numbers of the model's weights are kept: float32 unless given; trained ones float32 or float16. */
  dtype?: WeightType;
}

export interface PolicySize extends SamplerSize {
  /** Tokens of a training micro-batch; fewer where the adapter binds fewer. */
  microBatchTokens: number;
  /** Trains an adapter, which begins from the seed; the model stays as it is. */
  lora?: LoraConfig & { seed: number };
  /** Computes activations again in the backward pass, to keep fewer. */
  gradientCheckpointing?: boolean;
  /** The reference will be refreshed. */
  referenceMoves?: boolean;
}

/** The same, as memory is estimated by. */
export const trainingSize = (size: PolicySize, withReference: boolean): TrainingSize => ({
  positions: size.maxPromptLength + size.maxCompletionLength,
  slots: size.slots,
  microBatchTokens: size.microBatchTokens,
  lora: size.lora,
  dtype: size.dtype,
  gradientCheckpointing: size.gradientCheckpointing,
  ...(withReference && { reference: size.referenceMoves ? 'moves' : 'fixed' }),
});

export class Sampler {
  protected constructor(
    readonly model: Model,
    readonly tokenizer: Tokenizer,
    readonly decoder: Decoder,
  ) {}

  /** Loads the model and compiles its decoding kernels. @throws GpuError, ModelFileError, TokenizerError; nothing is left then */
  static open(gpu: Gpu, directory: ModelDirectory, size: SamplerSize): Promise<Sampler> {
    const positions = size.maxPromptLength + size.maxCompletionLength;
    const training = { positions, slots: size.slots, microBatchTokens: positions };
    return gpu.allOrNothing(async () => {
      const fitting = fittingSizes(directory.config, training, gpu.limits);
      const { model, tokenizer, decoder } = await openModel(gpu, directory, fitting.decoder, size.dtype);
      await decoder.prepare();
      return new Sampler(model, tokenizer, decoder);
    });
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
    sampler: Opened,
    readonly trainer: Trainer,
    /** The model as it was loaded, for KL; only when asked for. */
    readonly reference: Scorer | undefined,
    readonly adapter: Adapter | undefined,
  ) {
    super(sampler.model, sampler.tokenizer, sampler.decoder);
  }

  /** Loads the model and compiles its kernels. @throws GpuError, ModelFileError, TokenizerError; nothing is left then */
  static load(
    gpu: Gpu,
    directory: ModelDirectory,
    size: PolicySize,
    withReference: boolean,
  ): Promise<Policy> {
    return gpu.allOrNothing(() => Policy.loaded(gpu, directory, size, withReference));
  }

  private static async loaded(
    gpu: Gpu,
    directory: ModelDirectory,
    size: PolicySize,
    withReference: boolean,
  ): Promise<Policy> {
    const training = trainingSize(size, withReference);
    const { positions, gradientCheckpointing: checkpointing } = training;
    const { decoder, capacity } = fittingSizes(directory.config, training, gpu.limits);
    const { lora } = size;
    const adapter = lora && new Adapter(gpu, directory.config, lora);
    adapter?.initialise(new Random(lora!.seed, STREAMS.adapter));
    const sampler = await openModel(gpu, directory, decoder, size.dtype, { adapter, isTrained: !adapter });
    const trainer = new Trainer(sampler.model, capacity, positions, { adapter, checkpointing });
    const reference = withReference
      ? await makeReference(sampler.model, adapter, capacity, positions, size.referenceMoves ?? false)
      : undefined;
    await gpu.requireMemory();
    await Promise.all([sampler.decoder.prepare(), trainer.prepare(), reference?.prepare()]);
    return new Policy(sampler, trainer, reference, adapter);
  }

  /** What training changes: the adapter, or the model. */
  get trained(): ParameterArray {
    return this.adapter?.params ?? this.model.params;
  }

  /** What the reference computes with instead; undefined when it cannot move. */
  get referenceParams(): ParameterArray | undefined {
    const { reference } = this;
    return this.adapter ? reference?.adapter?.params : reference?.model.params;
  }

  /** Goes on from a checkpoint. @param flat what `trained` held then */
  restoreTrained(flat: Float32Array): void {
    this.trained.write(flat);
    if (!this.adapter) this.model.refresh();
  }

  /** The reference becomes the policy as it is now. @throws Error when it was loaded as one that does not move */
  refreshReference(): void {
    const { reference, adapter } = this;
    if (!reference) return;
    if (!adapter) reference.model.copyFrom(this.model);
    else if (reference.adapter) reference.adapter.params.copyFrom(adapter.params);
    else throw new Error('the reference was not loaded as one that moves');
  }

  override destroy(): void {
    this.trainer.destroy();
    this.reference?.destroy();
    this.reference?.adapter?.destroy();
    if (this.reference && this.reference.model !== this.model) this.reference.model.destroy();
    this.adapter?.destroy();
    super.destroy();
  }
}

/** Without its adapter the model is the reference, and costs no second copy; one that moves has an adapter of its own. */
async function makeReference(
  model: Model,
  adapter: Adapter | undefined,
  capacity: number,
  positions: number,
  moves: boolean,
): Promise<Scorer> {
  if (!adapter) return new Scorer(await model.frozenCopy(), capacity, positions);
  const own = moves ? new Adapter(model.gpu, model.config, adapter.lora) : undefined;
  return new Scorer(model, capacity, positions, own);
}

type Opened = Awaited<ReturnType<typeof openModel>>;

async function openModel(
  gpu: Gpu,
  directory: ModelDirectory,
  size: DecoderSize,
  dtype?: WeightType,
  { adapter, isTrained }: { adapter?: Adapter; isTrained?: boolean } = {},
) {
  const tokenizer = new Tokenizer(directory.tokenizer, directory.tokenizerConfig);
  const model = new Model(gpu, directory.config, dtype, isTrained);
  await model.load(directory.weights);
  const decoder = new Decoder(model, size, adapter);
  await gpu.requireMemory();
  return { model, tokenizer, decoder };
}
