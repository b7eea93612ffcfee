/** Kernels of batched decoding: live rows, each bound to a slot of the KV cache. */
import decodeAttentionWgsl from '../../../shaders/decode_attention.wgsl?raw';
import decodeEmbeddingWgsl from '../../../shaders/decode_embedding.wgsl?raw';
import ropeWgsl from '../../../shaders/rope.wgsl?raw';
import sampleWgsl from '../../../shaders/sample.wgsl?raw';
import type { Binding, Dispatch } from '../program';
import { f32Literal } from '../wgsl';
import type { HeadShape } from './layers';
import type { Rows } from './matmul';

/** 32-bit words of a slot in the shaders: token, position, prompt length, limit, stream, done, two of padding. */
export const SLOT_WORDS = 8;

export interface SlotBindings {
  /** The slot of each live row, [rows]. */
  rowSlots: Binding;
  /** [slots, SLOT_WORDS]. */
  slots: Binding;
}

/** Settings of the sampler. Temperature 0 is greedy; top-k 0 and top-p 1 are off. */
export interface SamplingSettings {
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
  /** Second word of the RNG key: which use of the seed this is (step, evaluation …). */
  stream: number;
}

export function samplingUniform({ seed, stream, topK, topP, temperature }: SamplingSettings): Uint32Array {
  const words = new Uint32Array(8);
  words.set([seed, stream, topK]);
  new Float32Array(words.buffer).set([topP, temperature], 3);
  return words;
}

export function decodeEmbedding(
  width: number,
  rows: Rows,
  { rowSlots, slots }: SlotBindings,
  table: Binding,
  y: Binding,
): Dispatch {
  return {
    label: 'decode embedding',
    source: decodeEmbeddingWgsl,
    constants: { D: width },
    bindings: [rows.uniform, rowSlots, slots, table, y],
    grid: (sizes) => [Math.ceil((rows.count(sizes) * width) / 256)],
  };
}

const constants = ({ heads, kvHeads, headDim }: HeadShape, maxLength: number) => ({
  H: heads,
  KV: kvHeads,
  GROUP: heads / kvHeads,
  HD: headDim,
  HD4: headDim / 4,
  SCALE: f32Literal(1 / Math.sqrt(headDim)),
  MAX_LENGTH: maxLength,
});

/** Rotates q into `queries` and appends the rotated k and v to each row's cache [slots, maxLength, 2·kvHeads·headDim]. */
export function ropeAppend(
  shape: HeadShape,
  maxLength: number,
  epsilon: number,
  rows: Rows,
  { rowSlots, slots }: SlotBindings,
  qkv: Binding,
  angles: Binding,
  queries: Binding,
  cache: Binding,
  normWeights?: Binding,
): Dispatch {
  const heads = shape.heads + 2 * shape.kvHeads;
  return {
    label: 'rope, append to cache',
    source: ropeWgsl,
    constants: {
      ...constants(shape, maxLength),
      HEADS: heads,
      EPS: f32Literal(epsilon),
      QK_NORM: Boolean(normWeights),
      CACHE: true,
    },
    bindings: [
      rows.uniform,
      qkv,
      angles,
      queries,
      rowSlots,
      slots,
      cache,
      ...(normWeights ? [normWeights] : []),
    ],
    grid: (sizes) => [Math.ceil((rows.count(sizes) * heads) / 32)],
  };
}

/** o[row] = attention of the row's query over its slot's cache. */
export function decodeAttention(
  shape: HeadShape,
  maxLength: number,
  rows: Rows,
  { rowSlots, slots }: SlotBindings,
  queries: Binding,
  cache: Binding,
  o: Binding,
): Dispatch {
  return {
    label: 'decode attention',
    source: decodeAttentionWgsl,
    constants: constants(shape, maxLength),
    bindings: [rows.uniform, rowSlots, slots, queries, cache, o],
    grid: (sizes) => [Math.ceil((rows.count(sizes) * shape.kvHeads) / 32)],
  };
}

/** Chooses each live row's next token, writes token and log-prob at its position, and advances or ends the slot. */
export function sample(
  vocab: number,
  maxLength: number,
  rows: Rows,
  uniform: Binding,
  { rowSlots, slots }: SlotBindings,
  buffers: { logits: Binding; bias: Binding; tokens: Binding; logps: Binding; stops: Binding },
): Dispatch {
  return {
    label: 'sample',
    source: sampleWgsl,
    constants: { V: vocab, MAX_LENGTH: maxLength },
    bindings: [
      rows.uniform,
      uniform,
      rowSlots,
      slots,
      buffers.logits,
      buffers.bias,
      buffers.tokens,
      buffers.logps,
      buffers.stops,
    ],
    grid: (sizes) => [Math.ceil(rows.count(sizes) / 32)],
  };
}
