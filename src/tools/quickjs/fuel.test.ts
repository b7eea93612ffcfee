import { expect, it } from 'vitest';
import { FUEL, withFuel } from './fuel';

/**
 * (module
 *   (global (mut i32) (i32.const 0))
 *   (func (export "count") (param i32) (result i32) (local i32)
 *     (loop (local.set 1 (i32.add (local.get 1) (i32.const 1)))
 *           (br_if 0 (i32.lt_s (local.get 1) (local.get 0))))
 *     (local.get 1)))
 */
// prettier-ignore
const MODULE = new Uint8Array([
  0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0,
  1, 6, 1, 0x60, 1, 0x7f, 1, 0x7f,
  3, 2, 1, 0,
  6, 6, 1, 0x7f, 1, 0x41, 0, 0x0b,
  7, 9, 1, 5, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0, 0,
  10, 25, 1, 23, 1, 1, 0x7f,
  0x03, 0x40, 0x20, 1, 0x41, 1, 0x6a, 0x21, 1, 0x20, 1, 0x20, 0, 0x48, 0x0d, 0, 0x0b,
  0x20, 1, 0x0b,
]);

function metered() {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(withFuel(MODULE)));
  return { count: exports.count as (n: number) => number, fuel: exports[FUEL] as WebAssembly.Global };
}

it('computes the same, and burns one for the call and one for each turn', () => {
  const { count, fuel } = metered();
  for (const n of [1, 2, 10, 1000]) {
    fuel.value = 5000;
    expect(count(n)).toBe(n);
    expect(fuel.value).toBe(5000 - 1 - n);
  }
});

it('traps when there is none left, and works again when there is', () => {
  const { count, fuel } = metered();
  fuel.value = 101;
  expect(count(100)).toBe(100);
  fuel.value = 100;
  expect(() => count(100)).toThrow(WebAssembly.RuntimeError);
  expect(() => count(1)).toThrow(WebAssembly.RuntimeError);
  fuel.value = 101;
  expect(count(100)).toBe(100);
});

it('refuses an instruction that it does not know', () => {
  const unknown = MODULE.with(MODULE.indexOf(0x6a), 0xfd);
  expect(() => withFuel(unknown)).toThrow('0xfd');
});
