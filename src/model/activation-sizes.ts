/** How large the buffers of a training pass are: a function of shapes alone, so that it is known before anything is loaded. */
import { LOSS_STATE_WORDS } from '../gpu/kernels/loss';
import { partialSums, ROW_PADDING, tokenChunks } from '../gpu/kernels/matmul';
import type { ModelConfig } from './config';
import { linearShapes, modulesOf, type LinearName, type TargetModule } from './layout';
import type { LoraConfig } from './lora';

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
  /** Of an adapter: then the model's own weights have no gradient. */
  lora?: LoraConfig;
}

/** Where the low-rank product of a linear layer is kept. */
export const LORA_BUFFERS = {
  qkv: 'qkvLow',
  output: 'outputLow',
  gateUp: 'gateUpLow',
  down: 'downLow',
} as const satisfies Record<LinearName, string>;

/** Width of the low-rank product of each linear layer: r for each of its target modules. */
export function loraWidths(config: ModelConfig, lora: LoraConfig | undefined): Record<LinearName, number> {
  const of = (modules: readonly { module: TargetModule }[]) =>
    lora ? lora.r * modules.filter(({ module }) => lora.targetModules.includes(module)).length : 0;
  const { qkv, output, gateUp, down } = modulesOf(config, 0);
  return { qkv: of(qkv), output: of(output), gateUp: of(gateUp), down: of(down) };
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
export const layerWords = (config: ModelConfig, { capacity, lora }: ActivationSize) => {
  const rows = padded(capacity);
  const low = loraWidths(config, lora);
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
    qkvLow: rows * low.qkv,
    outputLow: rows * low.output,
    gateUpLow: rows * low.gateUp,
    downLow: rows * low.down,
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
  const low = loraWidths(config, size.lora);
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
    h: rows * Math.max(...Object.values(low)),
    partials: size.lora ? adapterPartials(config, capacity, size.lora) : weightPartials(config, size),
  };
};

/** Partial sums of the largest gradient: of a weight, a norm or a bias. */
function weightPartials(config: ModelConfig, size: ActivationSize): number {
  const { capacity, logitsWidth } = size;
  const { hidden, qkv } = widths(config);
  return Math.max(
    ...Object.values(linearShapes(config)).map((shape) => partialSums(shape, capacity)),
    partialSums({ outputs: logitsWidth, inputs: hidden }, lossChunk(size)),
    tokenChunks(capacity) * Math.max(hidden, qkv, 2 * config.headDim),
  );
}

function adapterPartials(config: ModelConfig, capacity: number, lora: LoraConfig): number {
  const low = loraWidths(config, lora);
  const shapes = Object.entries(linearShapes(config)).flatMap(([name, { inputs, outputs }]) => [
    { outputs: low[name as LinearName], inputs },
    { outputs, inputs: lora.r },
  ]);
  return Math.max(...shapes.map((shape) => partialSums(shape, capacity)));
}

/** How often a layer's buffers and outputs exist. */
export const copies = ({ numHiddenLayers: layers }: ModelConfig, kept: Kept) => ({
  layers: kept === 'all' ? layers : Math.min(1, layers),
  outputs: kept === 'nothing' ? Math.min(1, layers) : layers,
});
