/** Scoring and training of a model on packed batches. The loss itself is the caller's: it turns log-probs into coefficients. */
import { groupById } from '../gpu/kernels/layers';
import { lossUniform } from '../gpu/kernels/loss';
import {
  adamw,
  ADAMW_UNIFORM_BYTES,
  adamwUniform,
  gradNorm,
  NORM_LANES,
  type AdamWSettings,
} from '../gpu/kernels/optimizer';
import { Program, type Sizes } from '../gpu/program';
import type { Kept } from './activation-sizes';
import { Activations, type GradientBuffers } from './activations';
import { backwardDispatches } from './backward';
import type { TokenBatch } from './batch';
import { chunkTokens, forwardDispatches, lossDispatches } from './forward';
import type { Adapter } from './lora';
import type { Model } from './model';
import { ParameterArray } from './parameter-array';

/** Per token of a batch; rows without a target are zero. */
export interface TokenStats {
  /** log-prob of the target under softmax(logits / temperature) */
  logp: Float32Array;
  /** Entropy of that distribution, nats. */
  entropy: Float32Array;
  /** The likeliest id. */
  argmax: Uint32Array;
}

/** Forward only: log-probs, entropies and predictions of a batch. */
export class Scorer {
  protected readonly activations: Activations;
  private program?: Program;
  protected sizes: Sizes = { tokens: 0, usedIds: 0 };

  /** @param capacity most tokens of a batch; `positions` longest sequence. */
  constructor(
    readonly model: Model,
    readonly capacity: number,
    readonly positions: number,
    /** What the model computes with, when it has one; without it the model is as it was loaded. */
    readonly adapter?: Adapter,
    kept: Kept = 'nothing',
  ) {
    this.activations = new Activations(model, { capacity, positions, kept, lora: adapter?.lora });
  }

  /** Compiles the kernels. @throws GpuError */
  async prepare(): Promise<void> {
    await this.model.prepare();
    this.program ??= await Program.record(this.model.gpu, [
      ...forwardDispatches(this.model, this.adapter, this.activations),
      ...lossDispatches(this.model, this.activations),
    ]);
  }

  /**
   * Uploads a batch and runs the forward pass; nothing is read back yet.
   * @throws RangeError when the batch exceeds the capacity or a sequence the positions
   */
  forward(batch: TokenBatch, temperature = 1): void {
    if (!this.program) throw new Error('prepare() first');
    if (batch.tokens > this.capacity)
      throw new RangeError(`a batch of ${batch.tokens} tokens exceeds the capacity of ${this.capacity}`);
    const longest = batch.positions.reduce((a, b) => Math.max(a, b), 0) + 1;
    if (longest > this.positions)
      throw new RangeError(`a sequence of ${longest} tokens exceeds the limit of ${this.positions}`);
    const { gpu } = this.model;
    const a = this.activations;
    this.sizes = this.upload(batch);
    gpu.write(a.batch.ids, batch.ids);
    gpu.write(a.batch.positions, batch.positions);
    gpu.write(a.batch.segments, batch.segments);
    gpu.write(a.batch.targets, batch.targets);
    gpu.write(a.uniform, new Uint32Array([batch.tokens, this.sizes.usedIds, 0, 0]));
    a.lossUniforms.forEach((uniform, chunk) =>
      gpu.write(uniform, lossUniform(chunkTokens(a, chunk, batch.tokens), temperature)),
    );
    this.program.run(this.sizes);
  }

  protected upload(batch: TokenBatch): Sizes {
    return { tokens: batch.tokens, usedIds: 0 };
  }

  /** Statistics of the last forward pass. @throws GpuError */
  async stats(): Promise<TokenStats> {
    const { tokens } = this.sizes;
    const raw = new Float32Array(await this.model.gpu.read(this.activations.batch.stats, 0, tokens * 16));
    const column = (c: number) => Float32Array.from({ length: tokens }, (_, t) => raw[4 * t + c]);
    return { logp: column(0), entropy: column(1), argmax: Uint32Array.from(column(3)) };
  }

  /** Logits [tokens, vocab] of the last forward pass (before the temperature); only where one chunk and one part hold them all. */
  async logits(): Promise<Float32Array> {
    return new Float32Array(
      await this.model.gpu.read(
        this.activations.batch.logits,
        0,
        this.sizes.tokens * this.model.config.vocabSize * 4,
      ),
    );
  }

  destroy(): void {
    this.activations.destroy();
  }
}

/** Adds the backward pass, the gradient and AdamW's state: of the model, or of its adapter alone. */
export class Trainer extends Scorer {
  private readonly gradientBuffers: GradientBuffers;
  private readonly gradient: ParameterArray;
  private readonly m: ParameterArray;
  private readonly v: ParameterArray;
  private readonly state: { norm: GPUBuffer; partials: GPUBuffer; uniform: GPUBuffer };
  private backwardProgram?: Program;
  private adamwProgram?: Program;
  /** AdamW steps done. */
  optimizerStep = 0;

  /**
   * @param adapter trained instead of the model, which is frozen
   * @param checkpointing keep only each layer's input for the backward pass, and compute the rest again
   * @throws TypeError when it is the model that is to be trained, and its parameters are not f32
   */
  constructor(
    model: Model,
    capacity: number,
    positions: number,
    { adapter, checkpointing = false }: { adapter?: Adapter; checkpointing?: boolean } = {},
  ) {
    if (!adapter && !model.isTrainable)
      throw new TypeError(`Weights kept as ${model.dtype} cannot be trained; an adapter beside them can.`);
    super(model, capacity, positions, adapter, checkpointing ? 'inputs' : 'all');
    const { gpu } = model;
    this.gradientBuffers = this.activations.gradients();
    [this.gradient, this.m, this.v] = ['gradients', 'adam m', 'adam v'].map(
      (label) => new ParameterArray(gpu, this.trained.layout, label),
    );
    this.state = {
      norm: gpu.buffer('gradient norm', 4),
      partials: gpu.buffer('norm partials', NORM_LANES * this.gradient.buffers.length * 4),
      uniform: gpu.buffer('adamw settings', ADAMW_UNIFORM_BYTES, GPUBufferUsage.UNIFORM),
    };
  }

  /** What AdamW moves. */
  private get trained(): ParameterArray {
    return this.adapter?.params ?? this.model.params;
  }

  override async prepare(): Promise<void> {
    const { model, gradient, m, v, trained } = this;
    const { norm, partials, uniform } = this.state;
    [, this.backwardProgram, this.adamwProgram] = await Promise.all([
      super.prepare(),
      Program.record(
        model.gpu,
        backwardDispatches(model, this.adapter, this.activations, this.gradientBuffers, gradient),
      ),
      Program.record(model.gpu, [
        ...gradNorm(gradient.sizes, gradient.buffers, partials, norm),
        ...gradient.sizes.map((size, i) =>
          adamw(size, uniform, gradient.buffers[i], norm, trained.buffers[i], m.buffers[i], v.buffers[i]),
        ),
      ]),
    ]);
  }

  protected override upload(batch: TokenBatch): Sizes {
    const { used, order } = groupById(batch.ids);
    this.model.gpu.write(this.gradientBuffers.used, used);
    this.model.gpu.write(this.gradientBuffers.order, order);
    return { tokens: batch.tokens, usedIds: used.length / 4 };
  }

  zeroGradients(): void {
    this.gradient.clear();
  }

  /** Adds the last batch's gradient. @param coefficients [tokens, 2]: dL/dlogp and dL/dentropy of each token. */
  backward(coefficients: Float32Array): void {
    this.model.gpu.write(this.gradientBuffers.coefficients, coefficients);
    this.backwardProgram!.run(this.sizes);
  }

  /** Clips by the global norm and takes one AdamW step; the norm is then at `gradNorm`. */
  step(settings: AdamWSettings): void {
    this.optimizerStep++;
    this.model.gpu.write(this.state.uniform, adamwUniform(settings, this.optimizerStep));
    this.adamwProgram!.run(this.sizes);
    if (!this.adapter) this.model.refresh();
  }

  /** Global gradient norm of the last step, before clipping. */
  async gradNorm(): Promise<number> {
    return new Float32Array(await this.model.gpu.read(this.state.norm, 0, 4))[0];
  }

  /** The gradient in the layout of what is trained. */
  gradients(): Promise<Float32Array> {
    return this.gradient.read();
  }

  /** AdamW's moments in the layout of what is trained, for a checkpoint. */
  async moments(): Promise<{ m: Float32Array; v: Float32Array }> {
    return { m: await this.m.read(), v: await this.v.read() };
  }

  restore(optimizerStep: number, moments: { m: Float32Array; v: Float32Array }): void {
    this.optimizerStep = optimizerStep;
    this.m.write(moments.m);
    this.v.write(moments.v);
  }

  /** AdamW as it was before its first step. */
  resetOptimizer(): void {
    this.m.clear();
    this.v.clear();
    this.optimizerStep = 0;
  }

  override destroy(): void {
    super.destroy();
    for (const array of [this.gradient, this.m, this.v]) array.destroy();
    this.model.gpu.destroy(Object.values(this.state));
  }
}
