import type { Gpu } from '../../src/gpu/device';
import type { Contestant } from './harness';

/** More than any cache holds. */
const BYTES = 2 ** 27;

/** Bytes that one copy moves: each is read and written. */
export const COPIED_BYTES = 2 * BYTES;

/** From one buffer to another: as fast as this device moves memory. */
export class CopyBench {
  private readonly buffers: readonly GPUBuffer[];

  constructor(private readonly gpu: Gpu) {
    this.buffers = [0, 1].map(() => gpu.buffer('copy', BYTES));
  }

  readonly run: Contestant = (n) => {
    const [from, to] = this.buffers;
    const encoder = this.gpu.device.createCommandEncoder();
    for (let i = 0; i < n; i++) encoder.copyBufferToBuffer(from, 0, to, 0, BYTES);
    this.gpu.submit(encoder);
    return this.gpu.settle();
  };

  destroy(): void {
    this.gpu.destroy(this.buffers);
  }
}
