/** The golden files of e2e/golden as the tests of models read them, in Node and in the browser alike. */
import { readSafetensors, type Tensor } from './safetensors';

import qwen2Config from '../../e2e/golden/qwen2-ratio7/config.json';
import qwen2Golden from '../../e2e/golden/qwen2-ratio7/golden.json';
import qwen2Arrays from '../../e2e/golden/qwen2-ratio7/golden.safetensors?inline';
import qwen2Weights from '../../e2e/golden/qwen2-ratio7/model.safetensors?inline';
import qwen2AdapterConfig from '../../e2e/golden/qwen2-ratio7/adapter/adapter_config.json';
import qwen2Adapter from '../../e2e/golden/qwen2-ratio7/adapter/adapter_model.safetensors?inline';
import qwen3Config from '../../e2e/golden/qwen3-ratio8/config.json';
import qwen3Golden from '../../e2e/golden/qwen3-ratio8/golden.json';
import qwen3Arrays from '../../e2e/golden/qwen3-ratio8/golden.safetensors?inline';
import qwen3Weights from '../../e2e/golden/qwen3-ratio8/model.safetensors?inline';
import qwen3AdapterConfig from '../../e2e/golden/qwen3-ratio8/adapter/adapter_config.json';
import qwen3Adapter from '../../e2e/golden/qwen3-ratio8/adapter/adapter_model.safetensors?inline';

/** The tensors of a file that Vite inlined as a data URL. */
export function inlined(url: string, name: string): Map<string, Tensor> {
  return readSafetensors(inlinedBytes(url), name);
}

export const inlinedBytes = (url: string): Uint8Array =>
  Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (c) => c.charCodeAt(0));

/** Consecutive sequences of the given lengths, every token but the last of each with a target. */
export function sequencesOf(ids: number[], lengths: number[]) {
  let begin = 0;
  return lengths.map((length) => ({ ids: ids.slice(begin, (begin += length)), promptLength: 1 }));
}

/** Those of make_lora.py. */
export const GOLDEN_LORA = {
  qwen2: {
    name: 'Qwen2, 7 query heads to a key head',
    config: qwen2Config,
    golden: qwen2Golden,
    arrays: () => inlined(qwen2Arrays, 'golden.safetensors'),
    weights: () => inlined(qwen2Weights, 'model.safetensors'),
    adapterConfig: qwen2AdapterConfig as unknown,
    adapter: () => inlinedBytes(qwen2Adapter),
  },
  qwen3: {
    name: 'Qwen3, 8 query heads to a key head',
    config: qwen3Config,
    golden: qwen3Golden,
    arrays: () => inlined(qwen3Arrays, 'golden.safetensors'),
    weights: () => inlined(qwen3Weights, 'model.safetensors'),
    adapterConfig: qwen3AdapterConfig as unknown,
    adapter: () => inlinedBytes(qwen3Adapter),
  },
};
