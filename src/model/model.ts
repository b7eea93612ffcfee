/** A model on the GPU: its configuration and its parameters. */
import type { Gpu } from '../gpu/device';
import { pack, rowWords, type WeightType } from '../gpu/kernels/packed-weights';
import type { Binding } from '../gpu/program';
import type { ModelConfig } from './config';
import { ModelFileError } from './errors';
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

  /**
   * Parameters start at zero: `load` or `upload` fills them.
   * @param dtype how the numbers of its matrices are kept; only float32 can be trained
   * @throws GpuError when they exceed the adapter's limits
   */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
    readonly dtype: WeightType = 'float32',
  ) {
    this.layout = parameterLayout(config, dtype);
    this.params = new ParameterArray(gpu, this.layout, 'parameters');
  }

  /**
   * Takes over weights part by part: the host never holds a whole tensor.
   * @throws ModelFileError when they are not this model's parameters, finite, of its shapes and within its type
   */
  async load(weights: WeightSource): Promise<void> {
    checkEntries(this.config, weights.entries, 'model.safetensors');
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
  }

  /** Whole rows of a parameter. @throws ModelFileError when a value is beyond the type that it is kept in */
  private write(part: Part, type: WeightType, { offset, values }: Floats, file: string): void {
    const columns = part.shape[part.shape.length - 1];
    try {
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
  }

  /** @param flat in this model's layout, as `downloadFlat` gives it. */
  uploadFlat(flat: Float32Array): void {
    this.params.write(flat);
  }

  /** Takes over the parameters of a model of the same configuration and type, on the GPU. */
  copyFrom(model: Model): void {
    this.params.copyFrom(model.params);
  }

  downloadFlat(): Promise<Float32Array> {
    return this.params.read();
  }

  /** The parameters by their Hugging Face names, as they are computed with. */
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

  /** A matrix of the model, in the parts in which it can be bound. */
  ranges(block: Block): BlockRange[] {
    return this.params.ranges(block);
  }

  get parameterCount(): number {
    const sizes = [...this.layout.parts.values()].map(({ shape }) => shape.reduce((a, b) => a * b));
    return sizes.reduce((a, b) => a + b);
  }

  destroy(): void {
    this.params.destroy();
  }
}
