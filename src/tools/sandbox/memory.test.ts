import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { MemoryImage, type EmscriptenMemory } from './memory';

const PAGE = 2 ** 16;
const MIB = 2 ** 20;

class Memory implements EmscriptenMemory {
  stack = 0;
  constructor(public HEAPU8: Uint8Array) {}
  stackSave = () => this.stack;
  stackRestore = (pointer: number) => void (this.stack = pointer);
  /** As WebAssembly's: the new part is zero, and the view another one. */
  grow(bytes: number) {
    const grown = new Uint8Array(this.HEAPU8.length + bytes);
    grown.set(this.HEAPU8);
    this.HEAPU8 = grown;
  }
}

describe.each([1, 2, 3])('a memory of pages that are used or zero, seed %i', (seed) => {
  const random = new Random(seed);
  const begin = new Uint8Array(12 * PAGE);
  for (let page = 0; page < begin.length; page += PAGE)
    if (random.next() < 0.5) begin[page + random.range(0, PAGE - 1)] = random.range(1, 255);

  it('is put back byte for byte, whatever was written, and what has grown is zero', () => {
    const memory = new Memory(begin.slice());
    memory.stack = 40;
    const image = new MemoryImage(memory);
    for (const growth of [0, 0, 3 * PAGE]) {
      memory.grow(growth);
      memory.stack = 8;
      for (let i = 0; i < 500; i++)
        memory.HEAPU8[random.range(0, memory.HEAPU8.length - 1)] = random.range(0, 255);
      expect(image.restore()).toBe(true);
      expect(memory.stack).toBe(40);
      expect(Buffer.compare(memory.HEAPU8.subarray(0, begin.length), begin)).toBe(0);
      expect(memory.HEAPU8.subarray(begin.length).every((byte) => byte === 0)).toBe(true);
    }
  });
});

it('is left as it is where it has grown too much', () => {
  const memory = new Memory(new Uint8Array(PAGE));
  const image = new MemoryImage(memory);
  memory.grow(33 * MIB);
  memory.HEAPU8[0] = 1;
  expect(image.restore()).toBe(false);
  expect(memory.HEAPU8[0]).toBe(1);
});
