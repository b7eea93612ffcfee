/** Where each parameter lives in one flat array: q, k, v fused into one matrix, gate and up into another. */
import type { LinearShape } from '../gpu/kernels/matmul';
import { rowWords, unpack, type WeightType } from '../gpu/kernels/packed-weights';
import type { ModelConfig } from './config';
import type { Tensor } from './safetensors';

/** Words: a multiple of the 256 bytes at which a buffer range may be bound. */
const ALIGNMENT = 64;

/** A parameter under its Hugging Face name. */
export interface Part {
  name: string;
  shape: readonly number[];
  /** Where it begins in the flat array, and how much of it it takes, in 32-bit words: its values, or these packed. */
  offset: number;
  size: number;
}

/** Consecutive parameters that one kernel reads as a single matrix or vector. */
export interface Block {
  offset: number;
  size: number;
  /** Words of a row: of a matrix its inputs, or these packed; of a vector all of it. */
  columns: number;
  type: WeightType;
  parts: readonly Part[];
}

/** Blocks one after the other in a flat array. */
export interface BlockLayout {
  /** Words of the whole, padding included. */
  size: number;
  blocks: readonly Block[];
  parts: ReadonlyMap<string, Part>;
}

export interface LayerBlocks {
  inputNorm: Block;
  /** [(heads + 2·kvHeads)·headDim, hidden] */
  qkv: Block;
  qkvBias?: Block;
  /** [2, headDim]: q's, k's. */
  qkNorm?: Block;
  /** [hidden, heads·headDim] */
  output: Block;
  postNorm: Block;
  /** [2·intermediate, hidden] */
  gateUp: Block;
  /** [hidden, intermediate] */
  down: Block;
}

export interface ParameterLayout extends BlockLayout {
  /** [vocab, hidden] */
  embedding: Block;
  layers: readonly LayerBlocks[];
  finalNorm: Block;
  /** [vocab, hidden]; the embedding itself when tied. */
  lmHead: Block;
}

/** Lays out blocks in the order in which they are asked for. */
export class LayoutBuilder {
  private readonly blocks: Block[] = [];
  private size = 0;

  /** @param matrices how their numbers are kept; those of vectors are f32 */
  constructor(private readonly matrices: WeightType = 'float32') {}

  block(...parameters: readonly (readonly [name: string, ...shape: number[]])[]): Block {
    const offset = this.size;
    const [[, , inputs]] = parameters;
    const isMatrix = inputs !== undefined;
    const type = isMatrix ? this.matrices : 'float32';
    const parts = parameters.map(([name, ...shape]): Part => {
      const words = isMatrix ? shape[0] * rowWords(type, inputs) : shape[0];
      const part = { name, shape, offset: this.size, size: words };
      this.size += part.size;
      return part;
    });
    const size = this.size - offset;
    const made = { offset, size, columns: isMatrix ? rowWords(type, inputs) : size, type, parts };
    this.size = Math.ceil(this.size / ALIGNMENT) * ALIGNMENT;
    this.blocks.push(made);
    return made;
  }

  layout(): BlockLayout {
    const parts = this.blocks.flatMap((block) => block.parts);
    return { size: this.size, blocks: this.blocks, parts: new Map(parts.map((part) => [part.name, part])) };
  }
}

/** The linear layers of a transformer layer: q, k, v in one; o; gate and up in one; down. */
export type LinearName = 'qkv' | 'output' | 'gateUp' | 'down';

/** The shape of each. */
export function linearShapes(config: ModelConfig): Record<LinearName, LinearShape> {
  const { hiddenSize: hidden, headDim, numAttentionHeads: heads, numKeyValueHeads: kv } = config;
  return {
    qkv: { outputs: (heads + 2 * kv) * headDim, inputs: hidden },
    output: { outputs: hidden, inputs: heads * headDim },
    gateUp: { outputs: 2 * config.intermediateSize, inputs: hidden },
    down: { outputs: hidden, inputs: config.intermediateSize },
  };
}

/** What LoRA can adapt, under PEFT's names. */
export const TARGET_MODULES = [
  'q_proj',
  'k_proj',
  'v_proj',
  'o_proj',
  'gate_proj',
  'up_proj',
  'down_proj',
] as const;
export type TargetModule = (typeof TARGET_MODULES)[number];

/** The Hugging Face modules that a linear layer of transformer layer `index` fuses, with the outputs of each. */
export function modulesOf(
  config: ModelConfig,
  index: number,
): Record<LinearName, { module: TargetModule; path: string; outputs: number }[]> {
  const { headDim, numAttentionHeads: heads, numKeyValueHeads: kv, hiddenSize, intermediateSize } = config;
  const at = (parent: string, module: TargetModule, outputs: number) => ({
    module,
    path: `model.layers.${index}.${parent}.${module}`,
    outputs,
  });
  return {
    qkv: [
      at('self_attn', 'q_proj', heads * headDim),
      at('self_attn', 'k_proj', kv * headDim),
      at('self_attn', 'v_proj', kv * headDim),
    ],
    output: [at('self_attn', 'o_proj', hiddenSize)],
    gateUp: [at('mlp', 'gate_proj', intermediateSize), at('mlp', 'up_proj', intermediateSize)],
    down: [at('mlp', 'down_proj', hiddenSize)],
  };
}

/** @param dtype how the numbers of its matrices are kept */
export function parameterLayout(config: ModelConfig, dtype: WeightType = 'float32'): ParameterLayout {
  const { hiddenSize: hidden, headDim, vocabSize } = config;
  const shapes = linearShapes(config);
  const builder = new LayoutBuilder(dtype);
  const block: LayoutBuilder['block'] = (...parameters) => builder.block(...parameters);
  const embedding = block(['model.embed_tokens.weight', vocabSize, hidden]);
  const layers = Array.from({ length: config.numHiddenLayers }, (_, index): LayerBlocks => {
    const at = `model.layers.${index}`;
    const modules = modulesOf(config, index);
    const weight = (name: LinearName) => {
      const { inputs } = shapes[name];
      return block(...modules[name].map(({ path, outputs }) => [`${path}.weight`, outputs, inputs] as const));
    };
    return {
      inputNorm: block([`${at}.input_layernorm.weight`, hidden]),
      qkv: weight('qkv'),
      qkvBias: config.attentionBias
        ? block(...modules.qkv.map(({ path, outputs }) => [`${path}.bias`, outputs] as const))
        : undefined,
      qkNorm: config.qkNorm
        ? block([`${at}.self_attn.q_norm.weight`, headDim], [`${at}.self_attn.k_norm.weight`, headDim])
        : undefined,
      output: weight('output'),
      postNorm: block([`${at}.post_attention_layernorm.weight`, hidden]),
      gateUp: weight('gateUp'),
      down: weight('down'),
    };
  });
  const finalNorm = block(['model.norm.weight', hidden]);
  const lmHead = config.tieWordEmbeddings ? embedding : block(['lm_head.weight', vocabSize, hidden]);
  return { ...builder.layout(), embedding, layers, finalNorm, lmHead };
}

/** Names the parts of a flat array in this layout: parameters, as they are computed with; gradients, moments. */
export function unflatten({ blocks }: BlockLayout, flat: Float32Array): Map<string, Tensor> {
  const words = new Uint32Array(flat.buffer, flat.byteOffset, flat.length);
  const values = (type: WeightType, { shape, offset, size }: Part) =>
    unpack(words.subarray(offset, offset + size), shape[shape.length - 1], type);
  return new Map(
    blocks.flatMap(({ type, parts }) =>
      parts.map((part) => [part.name, { name: part.name, shape: part.shape, data: values(type, part) }]),
    ),
  );
}
