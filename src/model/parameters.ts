/** The parameters of a model under their Hugging Face names: their shapes, their check, their first values. */
import type { Random } from '../random';
import type { ModelConfig } from './config';
import { ModelFileError } from './errors';
import type { Tensor } from './safetensors';
import { firstNotFinite } from './weights';

export interface ParameterShape {
  readonly name: string;
  /** Linear weights are [out, in]. */
  readonly shape: readonly number[];
}

/** Every parameter of the model, in the order the forward pass meets them. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
  const { hiddenSize: hidden, headDim, intermediateSize: intermediate, vocabSize } = config;
  const queries = config.numAttentionHeads * headDim;
  const keys = config.numKeyValueHeads * headDim;
  const parameters: ParameterShape[] = [];
  const add = (name: string, ...shape: number[]) => parameters.push({ name, shape });

  add('model.embed_tokens.weight', vocabSize, hidden);
  for (let layer = 0; layer < config.numHiddenLayers; layer++) {
    const prefix = `model.layers.${layer}`;
    add(`${prefix}.input_layernorm.weight`, hidden);
    for (const [projection, out] of [
      ['q', queries],
      ['k', keys],
      ['v', keys],
    ] as const) {
      add(`${prefix}.self_attn.${projection}_proj.weight`, out, hidden);
      if (config.attentionBias) add(`${prefix}.self_attn.${projection}_proj.bias`, out);
    }
    if (config.qkNorm) {
      add(`${prefix}.self_attn.q_norm.weight`, headDim);
      add(`${prefix}.self_attn.k_norm.weight`, headDim);
    }
    add(`${prefix}.self_attn.o_proj.weight`, hidden, queries);
    add(`${prefix}.post_attention_layernorm.weight`, hidden);
    add(`${prefix}.mlp.gate_proj.weight`, intermediate, hidden);
    add(`${prefix}.mlp.up_proj.weight`, intermediate, hidden);
    add(`${prefix}.mlp.down_proj.weight`, hidden, intermediate);
  }
  add('model.norm.weight', hidden);
  if (!config.tieWordEmbeddings) add('lm_head.weight', vocabSize, hidden);
  return parameters;
}

/** What checkpoints hold besides: buffers of old ones, and the head that tied weights take from the embedding. */
const isIgnored = (name: string, { tieWordEmbeddings }: ModelConfig): boolean =>
  name.endsWith('.rotary_emb.inv_freq') || (tieWordEmbeddings && name === 'lm_head.weight');

/**
 * Checks that the tensors are the model's parameters, all of them and no others, and in shape.
 * @param fileName where an entry does not say its file
 * @throws ModelFileError naming the first of them that are not
 */
export function checkEntries(
  config: ModelConfig,
  entries: ReadonlyMap<string, ParameterShape & { readonly file?: string }>,
  fileName: string,
): void {
  const fail = (problem: string, file = fileName) => {
    throw new ModelFileError(file, problem, 'Use the config.json and weights of one and the same model.');
  };
  const parameters = parameterShapes(config);
  const names = new Set(parameters.map((p) => p.name));
  const missing = [...names].filter((name) => !entries.has(name));
  if (missing.length) fail(`${list(missing)} missing`);
  const unknown = [...entries.keys()].filter((name) => !names.has(name) && !isIgnored(name, config));
  if (unknown.length) fail(`${list(unknown)} not part of the model in config.json`);

  for (const { name, shape } of parameters) {
    const entry = entries.get(name)!;
    const expected = shape.join(', ');
    const found = entry.shape.join(', ');
    if (found !== expected)
      fail(`tensor ${name} has shape [${found}], but config.json asks for [${expected}]`, entry.file);
  }
}

/** As `checkEntries`, and that all values are finite. @throws ModelFileError */
export function checkTensors(
  config: ModelConfig,
  tensors: ReadonlyMap<string, Tensor>,
  fileName: string,
): void {
  checkEntries(config, tensors, fileName);
  for (const { name } of parameterShapes(config)) {
    const { data } = tensors.get(name)!;
    const at = firstNotFinite(data);
    if (at >= 0)
      throw new ModelFileError(
        fileName,
        `tensor ${name} holds ${data[at]} at position ${at}`,
        'Export it again from a sound checkpoint.',
      );
  }
}

/**
 * First values for pre-training: normal with standard deviation 1/√hidden for q, k, v, gate and up, that divided by √(2·layers) for o and
 * down (which add to the residual stream), .05 for the embedding and an untied LM head; norms 1, biases 0.
 */
export function initParameters(config: ModelConfig, random: Random): Map<string, Tensor> {
  return new Map(
    parameterShapes(config).map(({ name, shape }) => {
      const data = new Float32Array(shape.reduce((a, b) => a * b));
      if (name.endsWith('norm.weight')) data.fill(1);
      else if (!name.endsWith('.bias')) {
        const std = weightStd(name, config);
        for (let i = 0; i < data.length; i++) data[i] = std * random.normal();
      }
      return [name, { name, shape, data }];
    }),
  );
}

function weightStd(name: string, config: ModelConfig): number {
  if (/embed_tokens|lm_head/.test(name)) return 0.05;
  const std = 1 / Math.sqrt(config.hiddenSize);
  return /o_proj|down_proj/.test(name) ? std / Math.sqrt(2 * config.numHiddenLayers) : std;
}

/** "tensors a, b, c and 7 more are" */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => name.slice(0, 80));
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return `${names.length > 1 ? 'tensors' : 'tensor'} ${shown.join(', ')}${more} ${names.length > 1 ? 'are' : 'is'}`;
}
