/** How large the buffers of a decoder are: a function of shapes alone, so that it is known before anything is loaded. */
import { SLOT_WORDS } from '../gpu/kernels/decode';
import { ROW_PADDING } from '../gpu/kernels/matmul';
import { loraWidths } from './activation-sizes';
import type { ModelConfig } from './config';
import type { LoraConfig } from './lora';

/** Tokens of prompts that are computed at once, at least. */
const PREFILL_ROWS = 256;
/** Largest size of the logits: more rows are done in groups. */
const LOGITS_BYTES = 64 * 2 ** 20;

export interface DecoderSize {
  /** Responses decoded side by side. */
  slots: number;
  /** Longest prompt + response in tokens. */
  maxLength: number;
  lora?: LoraConfig;
}

/** 32-bit words of the uniforms: the sampler's settings, and a number of rows. */
export const DECODER_UNIFORM_WORDS = { sampling: 8, rows: 4 };

const padded = (rows: number): number => Math.ceil(rows / ROW_PADDING) * ROW_PADDING;

/** Rows whose logits are computed at once; a multiple of ROW_PADDING. */
export function logitsRows({ vocabSize }: ModelConfig, { slots }: DecoderSize): number {
  const fitting = Math.floor(LOGITS_BYTES / 4 / vocabSize / ROW_PADDING) * ROW_PADDING;
  return Math.min(padded(slots), Math.max(ROW_PADDING, fitting));
}

/** Rows that one pass can take: all slots when decoding, tokens of prompts before. */
export const decoderRows = ({ slots }: DecoderSize): number => padded(Math.max(slots, PREFILL_ROWS));

/** 32-bit words of a layer's keys and values. */
export const cacheWords = (config: ModelConfig, { slots, maxLength }: DecoderSize): number =>
  slots * maxLength * 2 * config.numKeyValueHeads * config.headDim;

/** 32-bit words of each of the other buffers. */
export function decoderWords(config: ModelConfig, size: DecoderSize) {
  const { hiddenSize: hidden, headDim, numAttentionHeads: heads, numKeyValueHeads: kv } = config;
  const { slots, maxLength } = size;
  const rows = decoderRows(size);
  return {
    rowSlots: rows,
    slots: (slots + rows) * SLOT_WORDS,
    copies: slots * 4,
    tokens: slots * maxLength,
    logps: slots * maxLength,
    bias: config.vocabSize,
    stops: config.vocabSize,
    angles: maxLength * headDim,
    residual: rows * hidden,
    middle: rows * hidden,
    normed: rows * hidden,
    rstd: rows,
    qkv: rows * (heads + 2 * kv) * headDim,
    queries: rows * heads * headDim,
    attended: rows * heads * headDim,
    gateUp: rows * 2 * config.intermediateSize,
    activated: rows * config.intermediateSize,
    low: rows * Math.max(...Object.values(loraWidths(config, size.lora))),
    logits: logitsRows(config, size) * config.vocabSize,
  };
}
