/** How large the buffers of a training pass are: a function of shapes alone, so that it is known before anything is loaded. */
import { LOSS_STATE_WORDS } from '../gpu/kernels/loss';
import { partialSums, ROW_PADDING, tokenChunks } from '../gpu/kernels/matmul';
import type { ModelConfig } from './config';
import { linearShapes } from './layout';

/** Largest size of a logits buffer: more tokens are done in chunks, so that [tokens, vocab] never exists. */
const LOGITS_BYTES = 32 * 2 ** 20;

/**
 * What a forward pass leaves behind of each layer: `all` for the backward pass, only `inputs` for one that computes the
 * rest again (gradient checkpointing, Chen et al. 2016), `nothing` where there is none.
 */
export type Kept = 'all' | 'inputs' | 'nothing';

export interface ActivationSize {
  /** Most tokens of a batch. */
  capacity: number;
  /** Longest sequence. */
  positions: number;
  kept: Kept;
  /** Most ids whose logits are made at once. */
  logitsWidth: number;
}

const padded = (rows: number): number => Math.ceil(rows / ROW_PADDING) * ROW_PADDING;

/** Tokens whose logits are computed at once; a multiple of ROW_PADDING. */
export function lossChunk({ capacity, logitsWidth }: ActivationSize): number {
  const fitting = padded(Math.floor(LOGITS_BYTES / 4 / logitsWidth) - ROW_PADDING + 1);
  return Math.min(padded(capacity), Math.max(ROW_PADDING, fitting));
}

const widths = (config: ModelConfig) => ({
  hidden: config.hiddenSize,
  heads: config.numAttentionHeads,
  queries: config.numAttentionHeads * config.headDim,
  qk: (config.numAttentionHeads + config.numKeyValueHeads) * config.headDim,
  qkv: (config.numAttentionHeads + 2 * config.numKeyValueHeads) * config.headDim,
  intermediate: config.intermediateSize,
});

/** Words of a token in the widest of its buffers. */
export const widestRow = (config: ModelConfig): number => {
  const { qkv, intermediate, hidden } = widths(config);
  return Math.max(qkv, 2 * intermediate, hidden);
};

/** Inputs, logits and their statistics. */
export const batchWords = (config: ModelConfig, size: ActivationSize) => {
  const rows = padded(size.capacity);
  const chunk = lossChunk(size);
  return {
    ids: rows,
    positions: rows,
    segments: 2 * rows,
    targets: rows,
    angles: size.positions * config.headDim,
    embedded: rows * config.hiddenSize,
    finalNormed: rows * config.hiddenSize,
    finalRstd: rows,
    logits: chunk * size.logitsWidth,
    lossState: chunk * LOSS_STATE_WORDS,
    stats: 4 * rows,
  };
};

/** What a layer computes, but for its output. */
export const layerWords = (config: ModelConfig, { capacity }: ActivationSize) => {
  const rows = padded(capacity);
  const { hidden, heads, queries, qk, qkv, intermediate } = widths(config);
  return {
    normed: rows * hidden,
    rstd: rows,
    qkv: rows * qkv,
    qk: rows * qk,
    qkRstd: config.qkNorm ? rows * (heads + config.numKeyValueHeads) : 0,
    attended: rows * queries,
    lse: rows * heads,
    middle: rows * hidden,
    postNormed: rows * hidden,
    postRstd: rows,
    gateUp: rows * 2 * intermediate,
    activated: rows * intermediate,
  };
};

export const outputWords = (config: ModelConfig, { capacity }: ActivationSize) => ({
  out: padded(capacity) * config.hiddenSize,
});

/** What a backward pass computes; only what trains needs it. */
export const gradientWords = (config: ModelConfig, size: ActivationSize) => {
  const { capacity } = size;
  const rows = padded(capacity);
  const { hidden, heads, queries, qk, qkv, intermediate } = widths(config);
  const shapes = linearShapes(config);
  const head = { outputs: size.logitsWidth, inputs: hidden };
  const partials = Math.max(
    ...Object.values(shapes).map((shape) => partialSums(shape, capacity)),
    partialSums(head, lossChunk(size)),
    tokenChunks(capacity) * Math.max(hidden, qkv, 2 * config.headDim),
  );
  return {
    used: 4 * capacity,
    order: capacity,
    coefficients: 2 * rows,
    residual: rows * hidden,
    normed: rows * hidden,
    activated: rows * intermediate,
    gateUp: rows * 2 * intermediate,
    attended: rows * queries,
    delta: rows * heads,
    qk: rows * qk,
    qkv: rows * qkv,
    qkNormPerToken: config.qkNorm ? rows * qk : 0,
    partials,
  };
};

/** How often a layer's buffers and outputs exist. */
export const copies = ({ numHiddenLayers: layers }: ModelConfig, kept: Kept) => ({
  layers: kept === 'all' ? layers : Math.min(1, layers),
  outputs: kept === 'nothing' ? Math.min(1, layers) : layers,
});
