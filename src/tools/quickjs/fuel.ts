/**
 * Gives a WebAssembly module fuel: every turn of a loop and every call burns one, and with none left the module traps.
 * Unlike a clock this bounds the native code of an interpreter too (`indexOf` over a huge array never asks whether it
 * should stop), and it allows the same work on every machine. https://webassembly.github.io/spec/core/binary/
 */

/** Name of the mutable i32 global that `withFuel` exports. */
export const FUEL = 'fuel';

const GLOBAL_SECTION = 6;
const EXPORT_SECTION = 7;
const CODE_SECTION = 10;

/**
 * @param wasm a module without SIMD, exception handling or an imported global
 * @returns the module that burns fuel
 * @throws Error naming the instruction that it does not know
 */
export function withFuel(wasm: Uint8Array): Uint8Array<ArrayBuffer> {
  const reader = new Reader(wasm);
  const out = [...reader.take(8)];
  let global = 0;
  while (!reader.atEnd) {
    const id = reader.byte();
    const section = new Reader(reader.take(reader.unsigned()));
    let content: number[];
    if (id === GLOBAL_SECTION) {
      global = section.unsigned();
      // (global (mut i32) (i32.const 0x7fffffff)): full, for the start function
      content = [...unsigned(global + 1), ...section.rest(), 0x7f, 1, 0x41, 0xff, 0xff, 0xff, 0xff, 7, 0x0b];
    } else if (id === EXPORT_SECTION) {
      const exports = section.unsigned();
      const name = new TextEncoder().encode(FUEL);
      content = [...unsigned(exports + 1), ...section.rest(), name.length, ...name, 3, ...unsigned(global)];
    } else if (id === CODE_SECTION) content = meterFunctions(section, global);
    else content = [...section.rest()];
    out.push(id, ...unsigned(content.length));
    for (const byte of content) out.push(byte);
  }
  return new Uint8Array(out);
}

function meterFunctions(section: Reader, global: number): number[] {
  const fuel = unsigned(global);
  // fuel -= 1; if (fuel < 0) unreachable
  const burn = [
    ...[0x23, ...fuel, 0x41, 1, 0x6b, 0x24, ...fuel],
    ...[0x23, ...fuel, 0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b],
  ];
  const count = section.unsigned();
  const out = unsigned(count);
  for (let i = 0; i < count; i++) {
    const body = meterBody(new Reader(section.take(section.unsigned())), burn);
    out.push(...unsigned(body.length));
    for (const byte of body) out.push(byte);
  }
  return out;
}

function meterBody(body: Reader, burn: readonly number[]): number[] {
  const out: number[] = [];
  const copy = (until: number) => {
    for (const byte of body.since(until)) out.push(byte);
  };
  let from = body.at;
  for (let groups = body.unsigned(); groups > 0; groups--) {
    body.unsigned();
    body.skip(1);
  }
  copy(from);
  out.push(...burn);
  while (!body.atEnd) {
    from = body.at;
    const opcode = body.byte();
    skipImmediates(body, opcode);
    copy(from);
    if (opcode === 0x03) out.push(...burn);
  }
  return out;
}

/** Moves behind what follows the opcode of an instruction. */
function skipImmediates(body: Reader, opcode: number): void {
  const numbers = (count: number) => {
    for (; count > 0; count--) body.unsigned();
  };
  // Signed numbers and block types are as long as unsigned ones of the same bytes.
  if (opcode <= 0x01 || opcode === 0x05 || opcode === 0x0b || opcode === 0x0f) return;
  if (opcode >= 0x02 && opcode <= 0x04) return numbers(1); // block, loop, if
  if (opcode === 0x0c || opcode === 0x0d || opcode === 0x10) return numbers(1); // br, br_if, call
  if (opcode === 0x0e) return numbers(body.unsigned() + 1); // br_table
  if (opcode === 0x11) return numbers(2); // call_indirect
  if (opcode === 0x1a || opcode === 0x1b) return; // drop, select
  if (opcode >= 0x20 && opcode <= 0x26) return numbers(1); // variables, tables
  if (opcode >= 0x28 && opcode <= 0x3e) return numbers(2); // loads, stores
  if (opcode >= 0x3f && opcode <= 0x42) return numbers(1); // memory.size, memory.grow, i32.const, i64.const
  if (opcode === 0x43) return body.skip(4); // f32.const
  if (opcode === 0x44) return body.skip(8); // f64.const
  if (opcode >= 0x45 && opcode <= 0xc4) return; // arithmetic
  if (opcode === 0xfc) {
    const operation = body.unsigned();
    if (operation <= 7) return; // saturating conversions
    if (operation === 10) return numbers(2); // memory.copy
    if (operation === 11) return numbers(1); // memory.fill
  }
  throw new Error(`The WebAssembly instruction 0x${opcode.toString(16)} cannot be given fuel.`);
}

class Reader {
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++];
  }

  /** LEB128. */
  unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  skip(count: number): void {
    this.at += count;
  }

  take(count: number): Uint8Array {
    return this.bytes.subarray(this.at, (this.at += count));
  }

  rest(): Uint8Array {
    return this.take(this.bytes.length - this.at);
  }

  since(start: number): Uint8Array {
    return this.bytes.subarray(start, this.at);
  }
}

function unsigned(value: number): number[] {
  const out: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) out.push((value % 128) | 0x80);
  return [...out, value];
}
