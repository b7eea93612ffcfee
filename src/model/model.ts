/** A model on the GPU: its configuration and its parameters. Those of one that is trained are f32, whatever it is computed with. */
import type { Gpu } from '../gpu/device';
import { checkFloat16, pack, rowWords, type WeightType } from '../gpu/kernels/packed-weights';
import type { Binding } from '../gpu/program';
import type { ModelConfig } from './config';
import { ModelFileError } from './errors';
import { HalfCopies } from './half-copies';
import { parameterLayout, unflatten, type Block, type ParameterLayout, type Part } from './layout';
import { ParameterArray, type BlockRange } from './parameter-array';
import { checkEntries, checkTensors } from './parameters';
import type { Tensor } from './safetensors';
import { CHUNK_VALUES, readFloats, type Floats, type WeightSource } from './weights';

/** Written values that the driver may hold on the host before they have reached the GPU. */
const UNSETTLED_VALUES = 2 ** 24;

export class Model {
  readonly layout: ParameterLayout;
  readonly params: ParameterArray;
  private readonly halves?: HalfCopies;

  /**
   * Parameters start at zero: `load` or `upload` fills them.
   * @param dtype what matrix products read
   * @param isTrained its parameters are f32 where `dtype` is float16, too, which then are copies of them; weights of fewer
   * bits can only be frozen
   * @param label of its buffers
   * @throws OutOfMemoryError when they exceed the adapter's limits
   */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly dtype: WeightType = 'float32',
    isTrained = false,
    label = 'weights',
  ) {
    const hasCopies = isTrained && dtype === 'float16';
    this.layout = parameterLayout(config, hasCopies ? 'float32' : dtype);
    this.params = new ParameterArray(gpu, this.layout, label);
    if (hasCopies) this.halves = new HalfCopies(gpu, this.params);
  }

  /** Whether its parameters are f32. */
  get isTrainable(): boolean {
    return this.dtype === 'float32' || this.halves !== undefined;
  }

  /** Compiles what makes the copies of trained weights; whoever computes with the model calls it first. @throws GpuError */
  async prepare(): Promise<void> {
    await this.halves?.prepare();
  }

  /** To be called when `params` has been written to: the copies follow. */
  refresh(): void {
    this.halves?.refresh();
  }

  /**
   * Takes over weights part by part: the host never holds a whole tensor.
   * @throws ModelFileError when they are not this model's parameters, finite, of its shapes and within its type;
   * OutOfMemoryError
   */
  async load(weights: WeightSource): Promise<void> {
    checkEntries(this.config, weights.entries, 'model.safetensors');
    await this.gpu.requireMemory();
    let unsettled = 0;
    for (const { type, parts } of this.layout.blocks) {
      for (const part of parts) {
        const columns = part.shape[part.shape.length - 1];
        const wholeRows = Math.max(1, Math.floor(CHUNK_VALUES / columns)) * columns;
        for await (const floats of readFloats(weights, part.name, wholeRows)) {
          this.write(part, type, floats, weights.entries.get(part.name)!.file);
          unsettled += floats.values.length;
          if (unsettled < UNSETTLED_VALUES) continue;
          await this.gpu.settle();
          unsettled = 0;
        }
      }
    }
    this.refresh();
  }

  /** Whole rows of a parameter. @throws ModelFileError when a value is beyond the type that it is kept in */
  private write(part: Part, type: WeightType, { offset, values }: Floats, file: string): void {
    const columns = part.shape[part.shape.length - 1];
    try {
      if (this.halves && part.shape.length > 1) checkFloat16(values);
      this.params.write(
        pack(values, columns, type),
        part.offset + (offset / columns) * rowWords(type, columns),
      );
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ModelFileError(file, `tensor ${part.name}: ${error.message}`, 'Load it as float32.');
    }
  }

  /** @throws ModelFileError when the tensors are not this model's parameters. */
  upload(tensors: ReadonlyMap<string, Tensor>, fileName: string): void {
    checkTensors(this.config, tensors, fileName);
    for (const { type, parts } of this.layout.blocks)
      for (const part of parts)
        this.write(part, type, { offset: 0, values: tensors.get(part.name)!.data }, fileName);
    this.refresh();
  }

  /** @param flat in this model's layout, as `downloadFlat` gives it. */
  uploadFlat(flat: Float32Array): void {
    this.params.write(flat);
    this.refresh();
  }

  /** The same model frozen as it is now, on the GPU. @throws GpuError */
  async frozenCopy(): Promise<Model> {
    await this.prepare();
    const copy = new Model(this.gpu, this.config, this.dtype, false, 'reference');
    copy.copyFrom(this);
    return copy;
  }

  /** A frozen model takes over what one of the same configuration and type computes with, on the GPU. */
  copyFrom(model: Model): void {
    this.params.copyRanges(
      this.layout.blocks.flatMap(({ offset, columns }, i) =>
        model
          .ranges(model.layout.blocks[i])
          .map(({ binding, first }) => ({ from: binding, at: offset + first * columns })),
      ),
    );
  }

  downloadFlat(): Promise<Float32Array> {
    return this.params.read();
  }

  /** The parameters by their Hugging Face names: of a trained model those in f32, of another as they are computed with. */
  async download(): Promise<Map<string, Tensor>> {
    return this.unflatten(await this.downloadFlat());
  }

  /** Names the parts of any flat array in this layout: parameters, gradients, moments. */
  unflatten(flat: Float32Array): Map<string, Tensor> {
    return unflatten(this.layout, flat);
  }

  /** A vector of the model: norm weights, biases. */
  bind(block: Block): Binding {
    return this.params.bind(block);
  }

  /** A matrix of the model as it is computed with, in the parts in which it can be bound. */
  ranges(block: Block): BlockRange[] {
    return this.halves?.ranges(block) ?? this.params.ranges(block);
  }

  get parameterCount(): number {
    const sizes = [...this.layout.parts.values()].map(({ shape }) => shape.reduce((a, b) => a * b));
    return sizes.reduce((a, b) => a + b);
  }

  destroy(): void {
    this.halves?.destroy();
    this.params.destroy();
  }
}
