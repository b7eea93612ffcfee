/** The buffers of a decoder: caches, the states of its slots and what a step computes. */
import type { Gpu } from '../gpu/device';
import { ropeAngles } from '../gpu/kernels/layers';
import type { ModelConfig } from './config';
import {
  cacheWords,
  DECODER_UNIFORM_WORDS,
  decoderWords,
  logitsRows,
  type DecoderSize,
} from './decoder-sizes';
import type { Model } from './model';

export type DecoderBuffers = Record<keyof ReturnType<typeof decoderWords>, GPUBuffer> & {
  caches: readonly GPUBuffer[];
  sampling: GPUBuffer;
  /** Live rows in all; and in each group of rows whose logits are made at once. */
  uniform: GPUBuffer;
  groupUniforms: readonly GPUBuffer[];
};

/** Empty caches, and the buffers of a step. @throws GpuError */
export function makeDecoderBuffers(gpu: Gpu, config: ModelConfig, size: DecoderSize): DecoderBuffers {
  const uniform = (label: string, words: number) => gpu.buffer(label, words * 4, GPUBufferUsage.UNIFORM);
  const groups = Math.ceil(size.slots / logitsRows(config, size));
  const buffers = {
    ...gpu.buffers('decoding', decoderWords(config, size)),
    caches: Array.from({ length: config.numHiddenLayers }, () =>
      gpu.buffer('kv cache', cacheWords(config, size) * 4),
    ),
    sampling: uniform('sampling', DECODER_UNIFORM_WORDS.sampling),
    uniform: uniform('live rows', DECODER_UNIFORM_WORDS.rows),
    groupUniforms: Array.from({ length: groups }, () =>
      uniform('live rows of a group', DECODER_UNIFORM_WORDS.rows),
    ),
  };
  gpu.write(buffers.angles, ropeAngles(size.maxLength, config.headDim, config.ropeTheta));
  return buffers;
}

export function destroyDecoderBuffers(gpu: Gpu, { caches, groupUniforms, ...others }: DecoderBuffers): void {
  gpu.destroy([...caches, ...groupUniforms, ...Object.values(others)]);
}

/** So many rows are live. */
export function writeRows({ gpu, config }: Model, b: DecoderBuffers, size: DecoderSize, rows: number): void {
  const perGroup = logitsRows(config, size);
  gpu.write(b.uniform, Uint32Array.of(rows));
  b.groupUniforms.forEach((uniform, group) =>
    gpu.write(uniform, Uint32Array.of(groupRows(group, perGroup, rows))),
  );
}

/** Live rows of a group, of `rows` in all. */
export const groupRows = (group: number, perGroup: number, rows: number): number =>
  Math.max(0, Math.min(perGroup, rows - group * perGroup));
