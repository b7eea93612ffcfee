/** A model on the GPU: its configuration and its parameters. */
import type { Gpu } from '../gpu/device';
import type { Binding } from '../gpu/program';
import type { ModelConfig } from './config';
import { parameterLayout, unflatten, type Block, type ParameterLayout } from './layout';
import { ParameterArray, type BlockRange } from './parameter-array';
import { checkEntries, checkTensors } from './parameters';
import type { Tensor } from './safetensors';
import { readFloats, type WeightSource } from './weights';

/** Written values that the driver may hold on the host before they have reached the GPU. */
const UNSETTLED_VALUES = 2 ** 24;

export class Model {
  readonly layout: ParameterLayout;
  readonly params: ParameterArray;

  /** Parameters start at zero: `load` or `upload` fills them. @throws GpuError when they exceed the adapter's limits. */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
  ) {
    this.layout = parameterLayout(config);
    this.params = new ParameterArray(gpu, this.layout, 'parameters');
  }

  /**
   * Takes over weights part by part: the host never holds a whole tensor.
   * @throws ModelFileError when they are not this model's parameters, finite and of its shapes
   */
  async load(weights: WeightSource): Promise<void> {
    checkEntries(this.config, weights.entries, 'model.safetensors');
    let unsettled = 0;
    for (const part of this.layout.parts.values()) {
      for await (const { offset, values } of readFloats(weights, part.name)) {
        this.params.write(values, part.offset + offset);
        unsettled += values.length;
        if (unsettled < UNSETTLED_VALUES) continue;
        await this.gpu.settle();
        unsettled = 0;
      }
    }
  }

  /** @throws ModelFileError when the tensors are not this model's parameters. */
  upload(tensors: ReadonlyMap<string, Tensor>, fileName: string): void {
    checkTensors(this.config, tensors, fileName);
    for (const { name, offset } of this.layout.parts.values())
      this.params.write(tensors.get(name)!.data, offset);
  }

  /** @param flat in this model's layout, as `downloadFlat` gives it. */
  uploadFlat(flat: Float32Array): void {
    this.params.write(flat);
  }

  /** Takes over the parameters of a model of the same configuration, on the GPU. */
  copyFrom(model: Model): void {
    this.params.copyFrom(model.params);
  }

  downloadFlat(): Promise<Float32Array> {
    return this.params.read();
  }

  /** The parameters by their Hugging Face names. */
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
    return this.layout.blocks.reduce((sum, block) => sum + block.size, 0);
  }

  destroy(): void {
    this.params.destroy();
  }
}
