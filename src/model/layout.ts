/** Where each parameter lives in the engine's one flat array: q, k, v fused into one matrix, gate and up into another. */
import type { ModelConfig } from './config';
import type { Tensor } from './safetensors';

/** Floats: a multiple of the 256 bytes at which a buffer range may be bound. */
const ALIGNMENT = 64;

/** Consecutive parameters that one kernel reads as a single matrix or vector. */
export interface Block {
  offset: number;
  size: number;
  /** The Hugging Face parameters in it, in order. */
  parts: readonly { name: string; shape: readonly number[]; offset: number; size: number }[];
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

export interface ParameterLayout {
  /** Floats of the whole, padding included. */
  size: number;
  /** [vocab, hidden] */
  embedding: Block;
  layers: readonly LayerBlocks[];
  finalNorm: Block;
  /** [vocab, hidden]; the embedding itself when tied. */
  lmHead: Block;
  blocks: readonly Block[];
}

export function parameterLayout(config: ModelConfig): ParameterLayout {
  const { hiddenSize: hidden, headDim, intermediateSize: intermediate, vocabSize } = config;
  const blocks: Block[] = [];
  let size = 0;

  function block(...parameters: [name: string, ...shape: number[]][]): Block {
    const offset = size;
    const parts = parameters.map(([name, ...shape]) => {
      const part = { name, shape, offset: size, size: shape.reduce((a, b) => a * b) };
      size += part.size;
      return part;
    });
    const made = { offset, size: size - offset, parts };
    size = Math.ceil(size / ALIGNMENT) * ALIGNMENT;
    blocks.push(made);
    return made;
  }

  const projections = [
    ['q', config.numAttentionHeads * headDim],
    ['k', config.numKeyValueHeads * headDim],
    ['v', config.numKeyValueHeads * headDim],
  ] as const;
  const embedding = block(['model.embed_tokens.weight', vocabSize, hidden]);
  const layers = Array.from({ length: config.numHiddenLayers }, (_, index): LayerBlocks => {
    const at = `model.layers.${index}`;
    return {
      inputNorm: block([`${at}.input_layernorm.weight`, hidden]),
      qkv: block(
        ...projections.map(([p, out]): [string, number, number] => [
          `${at}.self_attn.${p}_proj.weight`,
          out,
          hidden,
        ]),
      ),
      qkvBias: config.attentionBias
        ? block(...projections.map(([p, out]): [string, number] => [`${at}.self_attn.${p}_proj.bias`, out]))
        : undefined,
      qkNorm: config.qkNorm
        ? block([`${at}.self_attn.q_norm.weight`, headDim], [`${at}.self_attn.k_norm.weight`, headDim])
        : undefined,
      output: block([`${at}.self_attn.o_proj.weight`, hidden, config.numAttentionHeads * headDim]),
      postNorm: block([`${at}.post_attention_layernorm.weight`, hidden]),
      gateUp: block(
        [`${at}.mlp.gate_proj.weight`, intermediate, hidden],
        [`${at}.mlp.up_proj.weight`, intermediate, hidden],
      ),
      down: block([`${at}.mlp.down_proj.weight`, hidden, intermediate]),
    };
  });
  const finalNorm = block(['model.norm.weight', hidden]);
  const lmHead = config.tieWordEmbeddings ? embedding : block(['lm_head.weight', vocabSize, hidden]);
  return { size, embedding, layers, finalNorm, lmHead, blocks };
}

/** Names the parts of a flat array in this layout: parameters, gradients, moments. */
export function unflatten(layout: ParameterLayout, flat: Float32Array): Map<string, Tensor> {
  const parts = layout.blocks.flatMap((block) => block.parts);
  return new Map(
    parts.map(({ name, shape, offset, size }) => [
      name,
      { name, shape, data: flat.slice(offset, offset + size) },
    ]),
  );
}
