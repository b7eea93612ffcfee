/** Models for tests: one small enough for each, and the shape of a real one. */
import { Random } from '../random';
import { parseModelConfig } from './config';
import { initParameters } from './parameters';
import type { Tensor } from './safetensors';
import type { FileSource } from './source';
import { tensorWeights, type WeightSource } from './weights';

/** 96 words, two layers. */
export const TINY_CONFIG = parseModelConfig({
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 96,
  hidden_size: 32,
  intermediate_size: 48,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
});

/** The shape of Qwen2.5-0.5B. */
export const QWEN_HALF_B = parseModelConfig({
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  tie_word_embeddings: true,
});

/** Untrained: its guesses are nearly uniform. */
export const tinyTensors = (seed: number, config = TINY_CONFIG): Map<string, Tensor> =>
  initParameters(config, new Random(seed));

export const tinyWeights = (seed: number, config = TINY_CONFIG): WeightSource =>
  tensorWeights(tinyTensors(seed, config), 'model.safetensors');

/** A model directory in memory. */
export const memorySource = (files: Readonly<Record<string, Uint8Array | string>>): FileSource => {
  const bytesOf = (name: string): Uint8Array | undefined => {
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    return typeof file === 'string' ? new TextEncoder().encode(file) : file;
  };
  return {
    size: (name) => Promise.resolve(bytesOf(name)?.byteLength),
    read: (name, begin, end) => Promise.resolve(bytesOf(name)!.slice(begin, end)),
  };
};
