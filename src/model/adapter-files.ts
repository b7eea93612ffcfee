/** Adapters as PEFT keeps them: `adapter_config.json` and `adapter_model.safetensors`; and merged into the weights. */
import { z } from 'zod';
import type { ModelConfig } from './config';
import { ModelFileError, UnsupportedModelError } from './errors';
import { TARGET_MODULES, unflatten, type TargetModule } from './layout';
import { adapterLayout, type LoraConfig } from './lora';
import { writeSafetensors, type Tensor } from './safetensors';
import type { Floats } from './weights';

export const ADAPTER_CONFIG = 'adapter_config.json';
export const ADAPTER_WEIGHTS = 'adapter_model.safetensors';

const adapterSchema = z.looseObject({
  peft_type: z.string(),
  r: z.int().min(1).max(4096),
  lora_alpha: z.number().positive().max(1e6),
  target_modules: z.union([z.string(), z.array(z.string()).min(1)]),
});

/** What PEFT can do besides, and this engine does not: each setting must be off. */
const OFF = [
  'use_rslora',
  'use_dora',
  'fan_in_fan_out',
  'modules_to_save',
  'layers_to_transform',
  'rank_pattern',
  'alpha_pattern',
  'lora_bias',
  'exclude_modules',
] as const;

/**
 * Reads a parsed `adapter_config.json`.
 * @throws UnsupportedModelError for anything but plain LoRA on linear layers; ModelFileError for values that are missing or wrong
 */
export function parseAdapterConfig(json: unknown): LoraConfig {
  const { success, data, error } = adapterSchema.safeParse(json);
  if (!success) {
    const problems = error.issues.map((i) => `${i.path.join('.') || 'the document'}: ${i.message}`);
    throw new ModelFileError(ADAPTER_CONFIG, problems.slice(0, 5).join('; '), 'Save the adapter again.');
  }
  const refuse = (feature: string, supported: string) => {
    throw new UnsupportedModelError(feature.slice(0, 120), supported);
  };
  if (data.peft_type !== 'LORA')
    refuse(`an adapter of type ${JSON.stringify(data.peft_type)}`, 'LoRA adapters are supported.');
  const isOn = (value: unknown) =>
    value !== undefined &&
    value !== null &&
    value !== false &&
    !(typeof value === 'object' && Object.keys(value).length === 0);
  const on = OFF.find((name) => isOn(data[name]));
  if (on) refuse(`the LoRA setting ${on}`, 'Plain LoRA adapters are supported.');
  if (isOn(data.bias) && data.bias !== 'none')
    refuse('an adapter that trains biases', 'Adapters with bias "none" are supported.');
  const asked = data.target_modules === 'all-linear' ? [...TARGET_MODULES] : [data.target_modules].flat();
  const unknown = asked.find((module) => !isTarget(module));
  if (unknown !== undefined)
    refuse(
      `an adapter on ${JSON.stringify(unknown)}`,
      `Adapters on ${TARGET_MODULES.join(', ')} are supported.`,
    );
  return {
    r: data.r,
    alpha: data.lora_alpha,
    targetModules: TARGET_MODULES.filter((module) => asked.includes(module)),
  };
}

const isTarget = (module: string): module is TargetModule =>
  (TARGET_MODULES as readonly string[]).includes(module);

const configJson = ({ r, alpha, targetModules }: LoraConfig, base: string): object => ({
  peft_type: 'LORA',
  task_type: 'CAUSAL_LM',
  base_model_name_or_path: base,
  r,
  lora_alpha: alpha,
  lora_dropout: 0,
  target_modules: targetModules,
  bias: 'none',
  fan_in_fan_out: false,
  inference_mode: true,
  init_lora_weights: true,
  use_rslora: false,
  use_dora: false,
  modules_to_save: null,
});

/**
 * The flat array of an adapter's tensors.
 * @throws ModelFileError naming the first tensor that is missing, unknown, of another shape or not finite
 */
export function flattenAdapter(
  config: ModelConfig,
  lora: LoraConfig,
  tensors: ReadonlyMap<string, Tensor>,
): Float32Array {
  const layout = adapterLayout(config, lora);
  const fail = (problem: string): never => {
    throw new ModelFileError(ADAPTER_WEIGHTS, problem, 'Use an adapter of this very model.');
  };
  const unknown = [...tensors.keys()].find((name) => !layout.parts.has(name));
  if (unknown !== undefined) fail(`tensor ${unknown.slice(0, 120)} is not part of the adapter`);
  const flat = new Float32Array(layout.size);
  for (const { name, shape, offset } of layout.parts.values()) {
    const tensor = tensors.get(name) ?? fail(`tensor ${name} is missing`);
    if (tensor.shape.join() !== shape.join())
      fail(`tensor ${name} has shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
    if (!tensor.data.every(Number.isFinite)) fail(`tensor ${name} holds numbers that are not finite`);
    flat.set(tensor.data, offset);
  }
  return flat;
}

/** The tensors of `adapter_model.safetensors`. @param flat as the engine keeps an adapter */
export const adapterTensors = (
  config: ModelConfig,
  lora: LoraConfig,
  flat: Float32Array,
): Map<string, Tensor> => unflatten(adapterLayout(config, lora), flat);

/**
 * The files of an adapter, as PEFT's `from_pretrained` takes them.
 * @param flat as the engine keeps an adapter
 * @param base name of the model that it is for
 */
export const adapterFiles = (
  config: ModelConfig,
  lora: LoraConfig,
  flat: Float32Array,
  base: string,
): { name: string; bytes: Uint8Array<ArrayBuffer> }[] => [
  {
    name: ADAPTER_CONFIG,
    bytes: new TextEncoder().encode(`${JSON.stringify(configJson(lora, base), null, 2)}\n`),
  },
  { name: ADAPTER_WEIGHTS, bytes: writeSafetensors(adapterTensors(config, lora, flat).values()) },
];

/**
 * PEFT's `merge_and_unload`, for consecutive values of one weight: W + alpha/r · B A; those of a weight without an adapter
 * come back as they are.
 * @param adapter tensors of the adapter by their names
 */
export function mergeInto(
  { name, shape }: Pick<Tensor, 'name' | 'shape'>,
  { offset: first, values }: Floats,
  adapter: ReadonlyMap<string, Tensor>,
  lora: LoraConfig,
): Float32Array {
  const path = `base_model.model.${name.replace(/\.weight$/, '')}`;
  const [a, b] = ['A', 'B'].map((matrix) => adapter.get(`${path}.lora_${matrix}.weight`)?.data);
  if (!a || !b) return values;
  const inputs = shape[1];
  const end = first + values.length;
  const scale = lora.alpha / lora.r;
  const merged = new Float32Array(values.length);
  const row = new Float64Array(inputs);
  for (let start = first - (first % inputs); start < end; start += inputs) {
    row.fill(0);
    const o = start / inputs;
    for (let k = 0; k < lora.r; k++) {
      const factor = scale * b[o * lora.r + k];
      for (let i = 0; i < inputs; i++) row[i] += factor * a[k * inputs + i];
    }
    for (let at = Math.max(start, first); at < Math.min(start + inputs, end); at++)
      merged[at - first] = values[at - first] + row[at - start];
  }
  return merged;
}
