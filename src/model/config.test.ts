import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseModelConfig } from './config';
import { ModelFileError, UnsupportedModelError } from './errors';

const golden = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../e2e/golden/${name}/config.json`, import.meta.url), 'utf8'));

/** As published on the Hub with transformers 4. */
const qwen25 = {
  architectures: ['Qwen2ForCausalLM'],
  attention_dropout: 0.0,
  bos_token_id: 151643,
  eos_token_id: 151643,
  hidden_act: 'silu',
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 24,
  model_type: 'qwen2',
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  use_cache: true,
  use_mrope: false,
  use_sliding_window: false,
  vocab_size: 151936,
};

const qwen3 = { ...qwen25, architectures: ['Qwen3ForCausalLM'], head_dim: 128, attention_bias: false };

describe('what transformers writes is read', () => {
  test('Qwen2.5-0.5B', () => {
    expect(parseModelConfig(qwen25)).toEqual({
      architecture: 'Qwen2ForCausalLM',
      vocabSize: 151936,
      hiddenSize: 896,
      numHiddenLayers: 24,
      numAttentionHeads: 14,
      numKeyValueHeads: 2,
      headDim: 64,
      intermediateSize: 4864,
      rmsNormEps: 1e-6,
      ropeTheta: 1e6,
      tieWordEmbeddings: true,
      attentionBias: true,
      qkNorm: false,
      maxPositionEmbeddings: 32768,
      bosTokenId: 151643,
      eosTokenIds: [151643],
    });
  });

  test('Qwen3: norms on queries and keys, no biases, a head size of its own', () => {
    expect(parseModelConfig(qwen3)).toMatchObject({ headDim: 128, attentionBias: false, qkNorm: true });
  });

  test('the golden models, written by transformers 5', () => {
    expect(parseModelConfig(golden('qwen2-tiny'))).toMatchObject({
      ropeTheta: 10_000,
      tieWordEmbeddings: true,
    });
    expect(parseModelConfig(golden('qwen3-tiny'))).toMatchObject({
      ropeTheta: 1000,
      headDim: 12,
      numKeyValueHeads: 1,
      tieWordEmbeddings: false,
    });
  });

  test('a Qwen2 model that says it has no attention biases', () => {
    expect(parseModelConfig({ ...qwen25, attention_bias: false }).attentionBias).toBe(false);
  });

  test('no end-of-sequence token, one, several', () => {
    const eos = (eos_token_id: unknown) => parseModelConfig({ ...qwen25, eos_token_id }).eosTokenIds;
    expect([eos(null), eos(5), eos([5, 6])]).toEqual([[], [5], [5, 6]]);
  });

  test('plain RoPE in any of its spellings', () => {
    for (const rope of [
      { rope_scaling: null },
      { rope_scaling: { type: 'default' } },
      { rope_theta: undefined, rope_parameters: { rope_type: 'default', rope_theta: 1e6 } },
    ]) {
      expect(parseModelConfig({ ...qwen25, ...rope }).ropeTheta).toBe(1e6);
    }
  });
});

test('another architecture is named, with those supported', () => {
  const parse = () => parseModelConfig({ ...qwen25, architectures: ['LlamaForCausalLM'] });
  expect(parse).toThrow(UnsupportedModelError);
  expect(parse).toThrow(/"LlamaForCausalLM".*Supported architectures: Qwen2ForCausalLM, Qwen3ForCausalLM\./);
});

test.each([
  ['gelu', { hidden_act: 'gelu' }, /hidden_act "gelu"/],
  ['sliding windows', { use_sliding_window: true }, /sliding-window attention/],
  ['sliding windows by layer', { layer_types: ['full_attention', 'sliding_attention'] }, /sliding-window/],
  ['YaRN, transformers 4', { rope_scaling: { rope_type: 'yarn', factor: 4 } }, /RoPE type "yarn"/],
  ['linear scaling, older', { rope_scaling: { type: 'linear', factor: 2 } }, /RoPE type "linear"/],
  ['YaRN, transformers 5', { rope_parameters: { rope_type: 'yarn', rope_theta: 1e6 } }, /RoPE type "yarn"/],
  ['a partial rotation', { rope_parameters: { partial_rotary_factor: 0.5 } }, /"partial_rotary_factor"/],
  ['quantised weights', { quantization_config: { quant_method: 'gptq' } }, /quantised weights/],
])('%s is refused as unsupported', (_, change, message) => {
  const parse = () => parseModelConfig({ ...qwen25, ...change });
  expect(parse).toThrow(UnsupportedModelError);
  expect(parse).toThrow(message);
});

test('a Qwen3 model with a bias on o_proj is refused as unsupported', () => {
  expect(() => parseModelConfig({ ...qwen3, attention_bias: true })).toThrow(/bias on o_proj/);
});

test.each([
  ['not an object', null, /^config\.json: the document: /],
  ['no architecture', {}, /architectures: /],
  ['a missing field', { ...qwen25, hidden_size: undefined }, /hidden_size: .*expected number/],
  ['text for a number', { ...qwen25, vocab_size: '151936' }, /vocab_size: /],
  ['no layers', { ...qwen25, num_hidden_layers: 0 }, /num_hidden_layers: /],
  ['a billion layers', { ...qwen25, num_hidden_layers: 1e9 }, /num_hidden_layers: /],
  ['an epsilon that is not a number', { ...qwen25, rms_norm_eps: NaN }, /rms_norm_eps: /],
  ['an odd head', { ...qwen25, head_dim: 7 }, /head_dim is 7/],
  ['heads that do not divide hidden_size', { ...qwen25, num_attention_heads: 10 }, /head_dim is 89\.6/],
  ['groups that do not divide', { ...qwen25, num_key_value_heads: 3 }, /14 is not a multiple of .* 3/],
  [
    'an eos outside the vocabulary',
    { ...qwen25, eos_token_id: [5, 151936] },
    /151936 of bos or eos lies outside/,
  ],
  ['an eos that is text', { ...qwen25, eos_token_id: '</s>' }, /eos_token_id: expected a token id/],
])('%s: refused, naming the field', (_, json, message) => {
  expect(() => parseModelConfig(json)).toThrow(ModelFileError);
  expect(() => parseModelConfig(json)).toThrow(message);
});
