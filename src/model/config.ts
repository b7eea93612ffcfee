/** A Hugging Face `config.json` of a Qwen model, checked and in this lab's terms. */
import { z } from 'zod';
import { ModelFileError, UnsupportedModelError } from './errors';

export const SUPPORTED_ARCHITECTURES = ['Qwen2ForCausalLM', 'Qwen3ForCausalLM'] as const;
export type Architecture = (typeof SUPPORTED_ARCHITECTURES)[number];

/** What the engine needs to know of a model. The names are those of `config.json`, in camel case. */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly numHiddenLayers: number;
  readonly numAttentionHeads: number;
  /** Divides `numAttentionHeads`: each key-value head serves a group of query heads. */
  readonly numKeyValueHeads: number;
  /** Even; need not be hiddenSize / numAttentionHeads. */
  readonly headDim: number;
  readonly intermediateSize: number;
  readonly rmsNormEps: number;
  readonly ropeTheta: number;
  /** The LM head is the transposed embedding. */
  readonly tieWordEmbeddings: boolean;
  /** q, k and v have a bias; o has none. */
  readonly attentionBias: boolean;
  /** RMSNorm over headDim on each query and key head before RoPE (Qwen3). */
  readonly qkNorm: boolean;
  readonly maxPositionEmbeddings: number;
  readonly bosTokenId: number | null;
  /** Any of these ends a response; may be empty. */
  readonly eosTokenIds: readonly number[];
}

/** Upper limits far above any model that fits in a browser; they keep a damaged file from asking for billions of layers. */
const size = (max: number) => z.int().min(1).max(max);
const theta = z.number().positive().max(1e12);
const tokenId = z.int().min(0);
const ropeFields = z.looseObject({ rope_type: z.string(), type: z.string(), rope_theta: theta }).partial();

const architectureSchema = z.looseObject({ architectures: z.array(z.string()).length(1) });

/** Defaults are those of transformers' Qwen2Config where it has a meaningful one. */
const configSchema = z.looseObject({
  vocab_size: size(2 ** 22),
  hidden_size: size(2 ** 16),
  num_hidden_layers: size(1024),
  num_attention_heads: size(1024),
  num_key_value_heads: size(1024).nullish(),
  head_dim: size(4096).nullish(),
  intermediate_size: size(2 ** 20),
  rms_norm_eps: z.number().min(0).max(1).default(1e-6),
  rope_theta: theta.optional(),
  rope_parameters: ropeFields.nullish(),
  rope_scaling: ropeFields.nullish(),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.boolean().optional(),
  max_position_embeddings: size(2 ** 31).default(32768),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)], 'expected a token id or a list of them').nullish(),
  hidden_act: z.string().default('silu'),
  use_sliding_window: z.boolean().default(false),
  layer_types: z.array(z.string()).nullish(),
  quantization_config: z.unknown().optional(),
});
type RawConfig = z.output<typeof configSchema>;

/**
 * Reads a parsed `config.json`; RoPE's base is accepted as `rope_theta` and as transformers 5's `rope_parameters`.
 * @throws UnsupportedModelError for another architecture or a feature the engine lacks.
 * @throws ModelFileError for values that are missing, of the wrong type, out of range or contradictory.
 */
export function parseModelConfig(json: unknown, fileName = 'config.json'): ModelConfig {
  const name = check(architectureSchema, json, fileName).architectures[0];
  const architecture = SUPPORTED_ARCHITECTURES.find((a) => a === name);
  if (!architecture) {
    const supported = `Supported architectures: ${SUPPORTED_ARCHITECTURES.join(', ')}.`;
    throw new UnsupportedModelError(`the architecture ${JSON.stringify(name.slice(0, 80))}`, supported);
  }
  const raw = check(configSchema, json, fileName);
  refuseUnsupported(raw, architecture);
  const config: ModelConfig = {
    architecture,
    vocabSize: raw.vocab_size,
    hiddenSize: raw.hidden_size,
    numHiddenLayers: raw.num_hidden_layers,
    numAttentionHeads: raw.num_attention_heads,
    numKeyValueHeads: raw.num_key_value_heads ?? raw.num_attention_heads,
    headDim: raw.head_dim ?? raw.hidden_size / raw.num_attention_heads,
    intermediateSize: raw.intermediate_size,
    rmsNormEps: raw.rms_norm_eps,
    ropeTheta: raw.rope_parameters?.rope_theta ?? raw.rope_theta ?? 10_000,
    tieWordEmbeddings: raw.tie_word_embeddings,
    attentionBias: raw.attention_bias ?? architecture === 'Qwen2ForCausalLM',
    qkNorm: architecture === 'Qwen3ForCausalLM',
    maxPositionEmbeddings: raw.max_position_embeddings,
    bosTokenId: raw.bos_token_id ?? null,
    eosTokenIds: [raw.eos_token_id ?? []].flat(),
  };
  refuseContradictions(config, fileName);
  return config;
}

function check<T>(schema: z.ZodType<T>, json: unknown, fileName: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const problems = result.error.issues.map((i) => `${i.path.join('.') || 'the document'}: ${i.message}`);
  throw new ModelFileError(
    fileName,
    problems.slice(0, 5).join('; '),
    'Correct it or export the model again.',
  );
}

function refuseUnsupported(raw: RawConfig, architecture: Architecture): void {
  const refuse = (feature: string, supported: string) => {
    throw new UnsupportedModelError(feature.slice(0, 120), supported);
  };
  if (raw.hidden_act !== 'silu') {
    refuse(`the activation hidden_act ${JSON.stringify(raw.hidden_act)}`, 'Only "silu" is.');
  }
  if (raw.use_sliding_window || raw.layer_types?.some((type) => type !== 'full_attention')) {
    refuse('sliding-window attention', 'Set use_sliding_window to false if the model works without it.');
  }
  if (raw.quantization_config != null) refuse('quantised weights', 'Use the F32, F16 or BF16 version.');
  if (architecture === 'Qwen3ForCausalLM' && raw.attention_bias) {
    refuse('attention_bias in a Qwen3 model (a bias on o_proj)', 'Qwen3 models without it are.');
  }
  for (const settings of [raw.rope_parameters, raw.rope_scaling]) {
    const name = settings?.rope_type ?? settings?.type ?? 'default';
    const other = Object.keys(settings ?? {}).find((key) => !Object.hasOwn(ropeFields.shape, key));
    if (name === 'default' && other === undefined) continue;
    const what =
      name === 'default' ? `the RoPE setting ${JSON.stringify(other)}` : `RoPE type ${JSON.stringify(name)}`;
    refuse(what, 'Only plain RoPE (rope_type "default") is.');
  }
}

function refuseContradictions(config: ModelConfig, fileName: string): void {
  const fail = (problem: string) => {
    throw new ModelFileError(fileName, problem, 'Correct it or export the model again.');
  };
  const { numAttentionHeads: heads, numKeyValueHeads: kvHeads, headDim, vocabSize } = config;
  if (headDim % 2 !== 0) {
    fail(
      `head_dim is ${headDim}, but RoPE needs an even number (by default hidden_size / num_attention_heads)`,
    );
  }
  if (heads % kvHeads !== 0) {
    fail(`num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`);
  }
  for (const id of [config.bosTokenId ?? 0, ...config.eosTokenIds]) {
    if (id >= vocabSize) fail(`token id ${id} of bos or eos lies outside the vocabulary of ${vocabSize}`);
  }
}
