/**
 * Low-rank adapters (Hu et al. 2021) as PEFT defines them: y = x Wᵀ + alpha/r · (x Aᵀ) Bᵀ with A [r, inputs] and
 * B [outputs, r] for each target module; no dropout, no rsLoRA.
 */
import type { Gpu } from '../gpu/device';
import type { Binding } from '../gpu/program';
import type { Random } from '../random';
import type { ModelConfig } from './config';
import {
  LayoutBuilder,
  linearShapes,
  modulesOf,
  type Block,
  type BlockLayout,
  type LinearName,
  type TargetModule,
} from './layout';
import { ParameterArray } from './parameter-array';

export interface LoraConfig {
  /** Rank. */
  r: number;
  /** `lora_alpha`: the adapter counts alpha / r times. */
  alpha: number;
  targetModules: readonly TargetModule[];
}

/** The adapter of a fused linear layer: the A of its target modules one below the other, and the B of each. */
export interface LoraBlocks {
  /** [modules · r, inputs] */
  a: Block;
  /** [outputs of the module, r]; `first` is where those begin in the fused layer. */
  b: readonly { block: Block; first: number; outputs: number }[];
}

export interface AdapterLayout extends BlockLayout {
  layers: readonly Partial<Record<LinearName, LoraBlocks>>[];
}

/** Parameters have the names that PEFT gives them in `adapter_model.safetensors`. */
export function adapterLayout(config: ModelConfig, { r, targetModules }: LoraConfig): AdapterLayout {
  const builder = new LayoutBuilder();
  const shapes = linearShapes(config);
  const layers = Array.from({ length: config.numHiddenLayers }, (_, layer) => {
    const blocks: Partial<Record<LinearName, LoraBlocks>> = {};
    for (const [name, modules] of Object.entries(modulesOf(config, layer))) {
      let first = 0;
      const places = modules.map(({ module, path, outputs }) => {
        first += outputs;
        return { module, path: `base_model.model.${path}`, first: first - outputs, outputs };
      });
      const targets = places.filter(({ module }) => targetModules.includes(module));
      if (targets.length === 0) continue;
      const { inputs } = shapes[name as LinearName];
      const a = builder.block(...targets.map(({ path }) => [`${path}.lora_A.weight`, r, inputs] as const));
      const b = targets.map(({ path, first, outputs }) => ({
        ...{ first, outputs },
        block: builder.block([`${path}.lora_B.weight`, outputs, r]),
      }));
      blocks[name as LinearName] = { a, b };
    }
    return blocks;
  });
  return { ...builder.layout(), layers };
}

/** A linear layer's adapter as it is bound. */
export interface BoundLora {
  r: number;
  /** alpha / r */
  scale: number;
  a: Binding;
  b: readonly { binding: Binding; first: number; outputs: number }[];
}

/** An adapter on the GPU. */
export class Adapter {
  readonly layout: AdapterLayout;
  readonly params: ParameterArray;

  /** An adapter of zeros, which changes nothing. @throws GpuError */
  constructor(
    gpu: Gpu,
    config: ModelConfig,
    readonly lora: LoraConfig,
  ) {
    this.layout = adapterLayout(config, lora);
    this.params = new ParameterArray(gpu, this.layout, 'adapter');
  }

  /** PEFT's first values: A uniform within ±1/√inputs (Kaiming with a = √5), B zero. */
  initialise(random: Random): void {
    const flat = new Float32Array(this.layout.size);
    for (const { name, shape, offset, size } of this.layout.parts.values()) {
      if (!name.endsWith('.lora_A.weight')) continue;
      const bound = 1 / Math.sqrt(shape[1]);
      for (let i = 0; i < size; i++) flat[offset + i] = bound * (2 * random.next() - 1);
    }
    this.params.write(flat);
  }

  /** The adapter of a linear layer of transformer layer `index`, in the adapter itself or in an array of its layout. */
  at(index: number, name: LinearName, array = this.params): BoundLora | undefined {
    const blocks = this.layout.layers[index][name];
    if (!blocks) return undefined;
    const { r, alpha } = this.lora;
    return {
      r,
      scale: alpha / r,
      a: array.bind(blocks.a),
      b: blocks.b.map(({ block, ...place }) => ({ ...place, binding: array.bind(block) })),
    };
  }

  destroy(): void {
    this.params.destroy();
  }
}
