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

/** Bytes that are kept or, where all are zero, are not: a page of WebAssembly's. */
const PAGE = 2 ** 16;

interface Piece {
  begin: number;
  bytes: Uint8Array;
}

/** What the whole memory holds, stack included. Half of an interpreter's is zero, and clearing is quicker than copying. */
export class MemoryImage {
  private readonly length: number;
  private readonly pieces: readonly Piece[];
  private readonly stackPointer: number;

  constructor(private readonly module: EmscriptenMemory) {
    this.length = module.HEAPU8.length;
    this.pieces = piecesOf(module.HEAPU8);
    this.stackPointer = module.stackSave();
  }

  /** @returns false when the memory has grown so much, which cannot be undone, that to clear it takes longer than a new start */
  restore(): boolean {
    const { HEAPU8 } = this.module;
    if (HEAPU8.length > this.length + MOST_GROWTH) return false;
    let end = 0;
    for (const { begin, bytes } of this.pieces) {
      HEAPU8.fill(0, end, begin);
      HEAPU8.set(bytes, begin);
      end = begin + bytes.length;
    }
    // Memory that was never used is zero, and programs count on it.
    HEAPU8.fill(0, end);
    this.module.stackRestore(this.stackPointer);
    return true;
  }
}

/** The memory without its pages of zeros, copied; neighbouring pages as one. */
function piecesOf(memory: Uint8Array): Piece[] {
  const isUsed = (page: number) => memory.subarray(page, page + PAGE).some((byte) => byte !== 0);
  const ranges: { begin: number; end: number }[] = [];
  for (let page = 0; page < memory.length; page += PAGE) {
    if (!isUsed(page)) continue;
    const last = ranges.at(-1);
    if (last?.end === page) last.end += PAGE;
    else ranges.push({ begin: page, end: page + PAGE });
  }
  return ranges.map(({ begin, end }) => ({ begin, bytes: memory.slice(begin, end) }));
}
