/** The memory of an interpreter: bounded, and put back to what it was. */

/** Bytes. */
const MOST_GROWTH = 32 * 2 ** 20;

/** What is used of Emscripten's module. */
export interface EmscriptenMemory {
  readonly HEAPU8: Uint8Array;
  stackSave(): number;
  stackRestore(pointer: number): void;
}

/** From now on no WebAssembly memory grows beyond so many MiB: the program is told that there is no more. */
export function capMemory(megabytes: number): void {
  const { prototype } = WebAssembly.Memory;
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its memory below
  const grow = prototype.grow;
  prototype.grow = function (this: WebAssembly.Memory, pages: number) {
    if (this.buffer.byteLength + pages * 2 ** 16 > megabytes * 2 ** 20)
      throw new RangeError('No more memory is allowed');
    return grow.call(this, pages);
  };
}

/** A copy of the whole memory, stack included. */
export class MemoryImage {
  private readonly bytes: Uint8Array;
  private readonly stackPointer: number;

  constructor(private readonly module: EmscriptenMemory) {
    this.bytes = module.HEAPU8.slice();
    this.stackPointer = module.stackSave();
  }

  /** @returns false when the memory has grown so much, which cannot be undone, that to clear it takes longer than a new start */
  restore(): boolean {
    const { HEAPU8 } = this.module;
    if (HEAPU8.length > this.bytes.length + MOST_GROWTH) return false;
    HEAPU8.set(this.bytes);
    // Memory that was never used is zero, and programs count on it.
    HEAPU8.fill(0, this.bytes.length);
    this.module.stackRestore(this.stackPointer);
    return true;
  }
}
