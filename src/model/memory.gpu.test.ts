/** The memory that is told before loading is what is then allocated. */
import { beforeAll, expect, it } from 'vitest';
import type { Gpu } from '../gpu/device';
import { sharedGpu } from '../gpu/testing';
import { Policy, trainingSize, type PolicySize } from '../rl/policy';
import { tinyDirectory } from '../rl/testing';
import { estimateMemory, totalMemory } from './memory';

const size: PolicySize = {
  maxCompletionLength: 16,
  maxPromptLength: 16,
  slots: 5,
  microBatchTokens: 100,
};
const lora = { r: 3, alpha: 6, targetModules: ['q_proj', 'down_proj'] as const, seed: 0 };

let gpu: Gpu;
beforeAll(async () => {
  // Small enough that the embedding is spread over buffers.
  gpu = await sharedGpu({ bindingBytes: 12_288 });
});

it.each<{ what: string; change: Partial<PolicySize>; reference: boolean }>([
  { what: 'training of all of it, with a reference', change: {}, reference: true },
  {
    what: 'an adapter, gradient checkpointing and a reference that moves',
    change: { lora, gradientCheckpointing: true, referenceMoves: true },
    reference: true,
  },
  {
    what: 'trained weights with float16 copies, and a reference',
    change: { dtype: 'float16' },
    reference: true,
  },
  { what: 'an adapter beside weights of 4 bits', change: { lora, dtype: 'int4' }, reference: true },
])('$what', async ({ change, reference }) => {
  const asked = { ...size, ...change };
  const directory = tinyDirectory(1);
  const told = estimateMemory(directory.config, trainingSize(asked, reference), {
    bindingBytes: gpu.bindingBytes,
    maxStorageBufferBindingSize: gpu.limits.maxStorageBufferBindingSize,
  });
  const policy = await Policy.load(gpu, directory, asked, reference);
  expect(gpu.allocatedBytes).toBe(totalMemory(told));
  policy.destroy();
  expect(gpu.allocatedBytes).toBe(0);
});
