/** Kernels of batched decoding: live rows, each bound to a slot of the KV cache. */
import copyCacheWgsl from '../../../shaders/copy_cache.wgsl?raw';
import decodeAttentionWgsl from '../../../shaders/decode_attention.wgsl?raw';
import decodeEmbeddingWgsl from '../../../shaders/decode_embedding.wgsl?raw';
import ropeWgsl from '../../../shaders/rope.wgsl?raw';
import sampleWgsl from '../../../shaders/sample.wgsl?raw';
import sampleWideWgsl from '../../../shaders/sample_wide.wgsl?raw';
import samplingWgsl from '../../../shaders/sampling.wgsl?raw';
import { spread, type Binding, type Dispatch } from '../program';
import { f32Literal } from '../wgsl';
import { inFours, tableConstants, type HeadShape, type TablePart } from './layers';
import type { Rows } from './matmul';
import { withWeights, type WeightType } from './packed-weights';

/** Above so many words, a workgroup looks at a row's logits and not a thread. */
export const WIDE_VOCABULARY = 8192;

/** 32-bit words of a slot in the shaders. */
export const SLOT_WORDS = 8;

/** A sequence being decoded, as the shaders keep it. */
export interface SlotState {
  token: number;
  /** Place of `token` in the sequence. */
  position: number;
  /** The KV cache that it reads and continues. */
  cache: number;
  /** Tokens of the longest sequence allowed, prompt included. */
  limit: number;
  /** Which of the seed's random streams it draws from. */
  stream: number;
  /** 1 when it has ended. */
  done: number;
}

/** [states, SLOT_WORDS] */
export function slotWords(states: readonly SlotState[]): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(states.length * SLOT_WORDS);
  states.forEach(({ token, position, cache, limit, stream, done }, i) =>
    words.set([token, position, cache, limit, stream, done], i * SLOT_WORDS),
  );
  return words;
}

export function slotState(words: Uint32Array, slot: number): SlotState {
  const [token, position, cache, limit, stream, done] = words.subarray(slot * SLOT_WORDS);
  return { token, position, cache, limit, stream, done };
}

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
  part?: TablePart,
  weightType: WeightType = 'float32',
): Dispatch {
  return {
    label: 'decode embedding',
    source: withWeights(decodeEmbeddingWgsl, weightType),
    constants: tableConstants(width, part, weightType),
    bindings: [rows.uniform, rowSlots, slots, table, y],
    grid: (sizes) => spread(Math.ceil((rows.count(sizes) * width) / 256)),
  };
}

/** Query heads of a group that one thread owns, as many as its registers hold: they share the keys it loads. */
function sharedHeads({ heads, kvHeads, headDim }: HeadShape): number {
  const group = heads / kvHeads;
  const divisors = Array.from({ length: group }, (_, i) => group - i).filter((n) => group % n === 0);
  return divisors.find((n) => n * headDim <= 128) ?? 1;
}

const constants = ({ heads, kvHeads, headDim }: HeadShape, maxLength: number) => ({
  H: heads,
  KV: kvHeads,
  HD: headDim,
  HD4: headDim / 4,
  SCALE: f32Literal(1 / Math.sqrt(headDim)),
  MAX_LENGTH: maxLength,
});

/** Rotates q into `queries` and puts the rotated k and v into each row's cache [slots, maxLength, 2·kvHeads·headDim]. */
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
      FOURS: inFours(shape.headDim / 2),
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

/** Workgroups that share a copy of keys and values. */
const COPY_GROUPS = 16;

/**
 * Copies what caches hold of their first positions.
 * @param copies [rows, 4]: from, to, positions; no cache is both copied from and to
 */
export function copyCache(
  { kvHeads, headDim }: HeadShape,
  maxLength: number,
  rows: Rows,
  copies: Binding,
  cache: Binding,
): Dispatch {
  return {
    label: 'copy of cache',
    source: copyCacheWgsl,
    constants: { MAX_LENGTH: maxLength, ENTRY: (2 * kvHeads * headDim) / 4 },
    bindings: [copies, cache],
    grid: (sizes) => [COPY_GROUPS, rows.count(sizes)],
  };
}

/** o[row] = attention of the row's query over its cache. */
export function decodeAttention(
  shape: HeadShape,
  maxLength: number,
  rows: Rows,
  { rowSlots, slots }: SlotBindings,
  queries: Binding,
  cache: Binding,
  o: Binding,
): Dispatch {
  const shared = sharedHeads(shape);
  return {
    label: 'decode attention',
    source: decodeAttentionWgsl,
    constants: { ...constants(shape, maxLength), SHARED: shared },
    bindings: [rows.uniform, rowSlots, slots, queries, cache, o],
    grid: (sizes) => [Math.ceil((rows.count(sizes) * shape.heads) / shared / 32)],
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
  const wide = vocab > WIDE_VOCABULARY;
  return {
    label: 'sample',
    source: samplingWgsl + (wide ? sampleWideWgsl : sampleWgsl),
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
    grid: (sizes) => [wide ? rows.count(sizes) : Math.ceil(rows.count(sizes) / 32)],
  };
}
