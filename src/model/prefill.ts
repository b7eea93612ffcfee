/** Keys and values of prompts, many tokens at a time and before any token is sampled. */
import { copyCache, SLOT_WORDS, slotWords } from '../gpu/kernels/decode';
import { chooseTile, type Rows } from '../gpu/kernels/matmul';
import { Program, type Dispatch } from '../gpu/program';
import { cacheOfTokens } from './decode-step';
import type { DecoderBuffers } from './decoder-buffers';
import { decoderRows, type DecoderSize } from './decoder-sizes';
import { headShape } from './forward';
import type { Adapter } from './lora';
import type { Model } from './model';
import { planPrefill, type Fill, type Prefix } from './prefill-plan';

export class Prefill {
  private programs?: { compute: Program; copy: Program };
  /** Of each slot what its cache is known to hold. */
  private held: Prefix[] = [];

  constructor(
    private readonly model: Model,
    private readonly adapter: Adapter | undefined,
    private readonly b: DecoderBuffers,
    private readonly size: DecoderSize,
  ) {}

  /** Compiles what decoding does not. @throws GpuError */
  async prepare(): Promise<void> {
    const { model, adapter, b, size } = this;
    // A software adapter takes seconds to compile kernels in one more tile.
    const rows = model.gpu.kind === 'hardware' ? decoderRows(size) : size.slots;
    const tile = chooseTile(model.gpu, rows);
    const [compute, copy] = await Promise.all([
      Program.record(model.gpu, cacheOfTokens(model, adapter, b, size, tile)),
      Program.record(model.gpu, this.copies()),
    ]);
    this.programs = { compute, copy };
  }

  private copies(): Dispatch[] {
    const rows: Rows = { uniform: this.b.uniform, count: (sizes) => sizes.rows };
    const shape = headShape(this.model);
    return this.b.caches.map((cache) => copyCache(shape, this.size.maxLength, rows, this.b.copies, cache));
  }

  /** The caches hold nothing of use: the weights may have changed. */
  forget(): void {
    this.held = Array.from({ length: this.size.slots }, () => ({ tokens: [], length: 0 }));
  }

  /** A cache holds keys and values that are right for no more than the first `length` tokens of a sequence. */
  keep(slot: number, tokens: ArrayLike<number>, length: number): void {
    this.held[slot] = { tokens, length };
  }

  /** Submits what makes every cache hold its prefix. */
  fill(fills: readonly Fill[]): void {
    const { gpu } = this.model;
    const { b, size } = this;
    for (const { copies, rows } of planPrefill(fills, this.held)) {
      if (copies.length) {
        const words = copies.flatMap(({ from, to, length }) => [from, to, length, 0]);
        gpu.write(b.copies, Uint32Array.from(words));
        this.programs!.copy.run({ rows: copies.length });
      }
      const most = decoderRows(size);
      for (let begin = 0; begin < rows.length; begin += most) {
        const part = rows.slice(begin, begin + most);
        const states = part.map(({ slot, position, token }) => ({
          ...{ token, position, cache: slot, limit: 0, stream: 0, done: 0 },
        }));
        // Behind the states of the slots.
        gpu.write(b.slots, slotWords(states), size.slots * SLOT_WORDS * 4);
        gpu.write(
          b.rowSlots,
          Uint32Array.from(part, (_, row) => size.slots + row),
        );
        gpu.write(b.uniform, Uint32Array.of(part.length));
        this.programs!.compute.run({ rows: part.length });
      }
    }
  }
}
