/** How much GPU memory an experiment takes, known before its model is loaded. */
import type { ModelConfig } from '../model/config';
import { estimateMemory, memorySavings, totalMemory, type MemoryPart, type Saving } from '../model/memory';
import { trainingSize } from '../rl/policy';
import type { Experiment } from './schema';
import { hasReference, policySize } from './step-settings';

export type { MemoryPart, Saving };

/** What a prompt is taken to have at most while the questions have not been tokenised. */
export const ASSUMED_PROMPT_TOKENS = 256;

/** Of a device: `AdapterReport.limits` has them. */
export interface DeviceLimits {
  maxBufferSize: number;
  maxStorageBufferBindingSize: number;
}

export interface ExperimentMemory {
  /** Bytes of each part, as the engine will allocate them. */
  parts: Readonly<Record<MemoryPart, number>>;
  bytes: number;
  /** Settings that would make it less, the cheapest first, each on top of those before it. */
  savings: readonly Saving[];
}

/** The parts in words. */
export const PART_LABELS: Readonly<Record<MemoryPart, string>> = {
  weights: 'weights',
  adapter: 'LoRA adapter',
  gradients: 'gradients',
  optimizer: 'AdamW',
  reference: 'reference policy',
  kv_cache: 'KV cache',
  decoding: 'decoding',
  activations: 'activations',
  logits: 'logits',
};

/**
 * @param promptTokens of the longest prompt
 * @throws GpuError when a sequence is too long for one binding of the device, naming the setting
 */
export function memoryOf(
  experiment: Experiment,
  config: ModelConfig,
  { maxBufferSize, maxStorageBufferBindingSize }: DeviceLimits,
  promptTokens: number = ASSUMED_PROMPT_TOKENS,
): ExperimentMemory {
  const size = trainingSize(policySize(experiment, promptTokens), hasReference(experiment));
  const bindingBytes = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const limits = { bindingBytes, maxStorageBufferBindingSize };
  const parts = estimateMemory(config, size, limits);
  return { parts, bytes: totalMemory(parts), savings: memorySavings(config, size, limits) };
}
