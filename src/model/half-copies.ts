/**
 * Mixed precision as Micikevicius et al. 2018 train: AdamW moves f32 weights, the masters, and matrix products read float16
 * copies of them, which are made anew after every change. An update too small for float16 is not lost, but adds up in the
 * master. Products add up in f32 and gradients are f32, so that no loss has to be scaled.
 */
import type { Gpu } from '../gpu/device';
import { packFloat16, rowWords } from '../gpu/kernels/packed-weights';
import { Program } from '../gpu/program';
import type { Block, BlockLayout } from './layout';
import { spans, type BlockRange, type ParameterArray } from './parameter-array';

/** Norm weights and biases have no copies. */
const isMatrix = ({ parts: [{ shape }] }: Block): boolean => shape.length > 1;

const copyWords = ({ columns }: Block, { rows }: { rows: number }): number =>
  rows * rowWords('float16', columns);

/** 32-bit words of each copy: there is one for each part of a matrix that lies in one buffer. */
export const halfCopyWords = (masters: BlockLayout, cuts: readonly number[]): number[] =>
  masters.blocks
    .filter(isMatrix)
    .flatMap((block) => spans(block, cuts).map((part) => copyWords(block, part)));

/** The float16 copies of a model's matrices. */
export class HalfCopies {
  private readonly copies: ReadonlyMap<Block, BlockRange[]>;
  private program?: Promise<Program>;
  private packing?: Program;

  /** Zeros, until `refresh`. @throws GpuError */
  constructor(
    private readonly gpu: Gpu,
    private readonly masters: ParameterArray,
  ) {
    const copyOf = (block: Block) => (range: BlockRange) => {
      const buffer = gpu.buffer('float16 copies', copyWords(block, range) * 4);
      return { ...range, type: 'float16' as const, binding: { buffer, offset: 0, size: buffer.size } };
    };
    const matrices = masters.layout.blocks.filter(isMatrix);
    this.copies = new Map(matrices.map((block) => [block, masters.ranges(block).map(copyOf(block))]));
  }

  /** Of a block of the masters; nothing for a vector. */
  ranges(block: Block): BlockRange[] | undefined {
    return this.copies.get(block);
  }

  /** Compiles the kernel and makes the copies for the first time. @throws GpuError */
  async prepare(): Promise<void> {
    this.program ??= Program.record(
      this.gpu,
      [...this.copies].flatMap(([block, copies]) =>
        this.masters.ranges(block).map(({ binding, rows }, i) => {
          return packFloat16({ rows, columns: block.columns }, binding, copies[i].binding);
        }),
      ),
    );
    this.packing = await this.program;
    this.refresh();
  }

  /** Makes the copies of the masters as they are now; before `prepare` nothing, for it does so itself. */
  refresh(): void {
    this.packing?.run({});
  }

  destroy(): void {
    for (const copies of this.copies.values()) this.gpu.destroy(copies.map(({ binding }) => binding.buffer));
  }
}
