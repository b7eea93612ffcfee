/** The flat array of a layout on the GPU: parameters, gradients or moments, in as few buffers as can be bound. */
import type { Gpu } from '../gpu/device';
import type { WeightType } from '../gpu/kernels/packed-weights';
import type { Binding, BufferRange } from '../gpu/program';
import type { Block, BlockLayout } from './layout';

/** Larger buffers are hard to find room for, even where an adapter allows them. */
const LARGEST_BUFFER = 2 ** 28;
/** Words: a multiple of the 256 bytes at which a buffer range may be bound. */
const ALIGNMENT = 64;

/** Rows `first`, `first` + 1, … of a block, as one binding. */
export interface BlockRange {
  binding: BufferRange;
  type: WeightType;
  first: number;
  rows: number;
}

/**
 * Where the flat array of a layout is cut into buffers of at most `bytes`: the first word of each buffer, and the end of
 * the last. Cuts lie between blocks, and within a block that is larger between rows, in parts of nearly equal size.
 * @throws RangeError when a row alone is larger
 */
export function cuts(layout: BlockLayout, bytes: number): number[] {
  const most = Math.floor(bytes / 4);
  const found = [0];
  for (const { offset, size, columns } of layout.blocks) {
    if (offset + size - found[found.length - 1] <= most) continue;
    if (offset > found[found.length - 1]) found.push(offset);
    if (size <= most) continue;
    const step = ALIGNMENT / commonDivisor(columns, ALIGNMENT);
    const rows = size / columns;
    const fitting = Math.floor(most / columns / step) * step;
    if (fitting === 0) throw new RangeError(`${step} rows of ${columns} words exceed ${bytes} bytes.`);
    const each = Math.ceil(rows / Math.ceil(rows / fitting) / step) * step;
    for (let row = each; row < rows; row += each) found.push(offset + row * columns);
  }
  return [...found, layout.size];
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));

/** Bytes of the largest buffer of a parameter array on a device that binds `bindingBytes` at once. */
export const largestBuffer = (bindingBytes: number): number => Math.min(bindingBytes, LARGEST_BUFFER);

/** The rows of a block that lie in each buffer, where it lies in any: `buffer` counts from 0, `offset` in its words. */
export function spans(block: Block, cuts: readonly number[]) {
  return cuts.slice(1).flatMap((end, buffer) => {
    const from = Math.max(block.offset, cuts[buffer]);
    const size = Math.min(block.offset + block.size, end) - from;
    if (size <= 0) return [];
    const first = (from - block.offset) / block.columns;
    return [{ buffer, offset: from - cuts[buffer], size, first, rows: size / block.columns }];
  });
}

export class ParameterArray {
  readonly buffers: readonly GPUBuffer[];
  private readonly cuts: readonly number[];

  /** Zeros. @throws GpuError when the device cannot hold a buffer */
  constructor(
    private readonly gpu: Gpu,
    readonly layout: BlockLayout,
    label: string,
  ) {
    this.cuts = cuts(layout, largestBuffer(gpu.bindingBytes));
    this.buffers = this.cuts.slice(1).map((end, i) => gpu.buffer(label, (end - this.cuts[i]) * 4));
  }

  /** Words in each buffer. */
  get sizes(): number[] {
    return this.buffers.map((_, i) => this.cuts[i + 1] - this.cuts[i]);
  }

  /** The block in the parts in which it can be bound: one, unless it is very large. */
  ranges(block: Block): BlockRange[] {
    return spans(block, this.cuts).map(({ buffer, offset, size, first, rows }) => ({
      binding: { buffer: this.buffers[buffer], offset: offset * 4, size: size * 4 },
      type: block.type,
      first,
      rows,
    }));
  }

  /** A block that is never cut: norms, biases, adapters. */
  bind(block: Block): Binding {
    const [{ binding }] = this.ranges(block);
    return binding;
  }

  /** @param offset of the first word in the flat array */
  write(values: Float32Array | Uint32Array, offset = 0): void {
    this.buffers.forEach((buffer, i) => {
      const from = Math.max(offset, this.cuts[i]);
      const to = Math.min(offset + values.length, this.cuts[i + 1]);
      if (from < to)
        this.gpu.write(buffer, values.subarray(from - offset, to - offset), (from - this.cuts[i]) * 4);
    });
  }

  /** The flat array, [layout.size]. @throws GpuError */
  async read(): Promise<Float32Array> {
    const flat = new Float32Array(this.layout.size);
    for (const [i, buffer] of this.buffers.entries())
      flat.set(new Float32Array(await this.gpu.read(buffer, 0, this.sizes[i] * 4)), this.cuts[i]);
    return flat;
  }

  /** Takes over the numbers of an array of the same layout, on the GPU. */
  copyFrom(other: ParameterArray): void {
    const encoder = this.gpu.device.createCommandEncoder();
    this.buffers.forEach((buffer, i) =>
      encoder.copyBufferToBuffer(other.buffers[i], 0, buffer, 0, buffer.size),
    );
    this.gpu.submit(encoder);
  }

  /** Takes over ranges of buffers, on the GPU, each at a word of the flat array. */
  copyRanges(ranges: Iterable<{ from: BufferRange; at: number }>): void {
    const encoder = this.gpu.device.createCommandEncoder();
    for (const { from, at } of ranges)
      this.buffers.forEach((buffer, i) => {
        const begin = Math.max(at, this.cuts[i]);
        const end = Math.min(at + from.size / 4, this.cuts[i + 1]);
        if (begin >= end) return;
        const [source, target] = [from.offset + (begin - at) * 4, (begin - this.cuts[i]) * 4];
        encoder.copyBufferToBuffer(from.buffer, source, buffer, target, (end - begin) * 4);
      });
    this.gpu.submit(encoder);
  }

  clear(): void {
    const encoder = this.gpu.device.createCommandEncoder();
    for (const buffer of this.buffers) encoder.clearBuffer(buffer);
    this.gpu.submit(encoder);
  }

  destroy(): void {
    this.gpu.destroy(this.buffers);
  }
}
