/** A model on the GPU: its configuration and its parameters in one flat buffer. */
import type { Gpu } from '../gpu/device';
import type { Binding } from '../gpu/program';
import type { ModelConfig } from './config';
import { parameterLayout, unflatten, type Block, type ParameterLayout } from './layout';
import { checkEntries, checkTensors } from './parameters';
import type { Tensor } from './safetensors';
import { readFloats, type WeightSource } from './weights';

/** Written values that the driver may hold on the host before they have reached the GPU. */
const UNSETTLED_VALUES = 2 ** 24;

export class Model {
  readonly layout: ParameterLayout;
  readonly params: GPUBuffer;

  /** Parameters start at zero: `load` or `upload` fills them. @throws GpuError when they exceed the adapter's limits. */
  constructor(
    readonly gpu: Gpu,
    readonly config: ModelConfig,
  ) {
    this.layout = parameterLayout(config);
    this.params = gpu.buffer('parameters', this.layout.size * 4);
  }

  /**
   * Takes over weights part by part: the host never holds a whole tensor.
   * @throws ModelFileError when they are not this model's parameters, finite and of its shapes
   */
  async load(weights: WeightSource): Promise<void> {
    checkEntries(this.config, weights.entries, 'model.safetensors');
    let unsettled = 0;
    for (const part of this.layout.blocks.flatMap((block) => block.parts)) {
      for await (const { offset, values } of readFloats(weights, part.name)) {
        this.gpu.write(this.params, values, (part.offset + offset) * 4);
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
    const flat = new Float32Array(this.layout.size);
    for (const block of this.layout.blocks) {
      for (const part of block.parts) flat.set(tensors.get(part.name)!.data, part.offset);
    }
    this.uploadFlat(flat);
  }

  /** @param flat in this model's layout, as `downloadFlat` gives it. */
  uploadFlat(flat: Float32Array): void {
    this.gpu.write(this.params, flat);
  }

  /** Takes over the parameters of a model of the same configuration, on the GPU. */
  copyFrom(model: Model): void {
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(model.params, 0, this.params, 0, this.params.size);
    this.gpu.submit(encoder);
  }

  async downloadFlat(): Promise<Float32Array> {
    return new Float32Array(await this.gpu.read(this.params)).slice(0, this.layout.size);
  }

  /** The parameters by their Hugging Face names. */
  async download(): Promise<Map<string, Tensor>> {
    return this.unflatten(await this.downloadFlat());
  }

  /** Names the parts of any flat array in this layout: parameters, gradients, moments. */
  unflatten(flat: Float32Array): Map<string, Tensor> {
    return unflatten(this.layout, flat);
  }

  /** The range of `buffer` (parameters, gradients …) that holds a block. */
  bind(block: Block, buffer: GPUBuffer = this.params): Binding {
    return { buffer, offset: block.offset * 4, size: block.size * 4 };
  }

  get parameterCount(): number {
    return this.layout.blocks.reduce((sum, block) => sum + block.size, 0);
  }

  destroy(): void {
    this.gpu.destroy([this.params]);
  }
}
