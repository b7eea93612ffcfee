/** QuickJS (Bellard's, compiled to WebAssembly) with fuel. */
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { FUEL } from './fuel';

export interface QuickJs {
  module: QuickJSWASMModule;
  /** Sets how many loop turns and calls the interpreter may make before it traps. */
  refuel: (amount: number) => void;
  /** Whether the last trap was for want of fuel. */
  isEmpty: () => boolean;
}

/** In pages of 64 KiB: the interpreter starts with 16 MiB, and script memory is bounded within the rest. */
const MEMORY = { initial: 256, maximum: 640 };

/**
 * A new interpreter, which shares nothing with any other. To be thrown away after a trap.
 * @param wasm the interpreter, `withFuel`
 * @param maximum of its memory, in pages of 64 KiB
 */
export async function openQuickJs(wasm: WebAssembly.Module, maximum = MEMORY.maximum): Promise<QuickJs> {
  let fuel: WebAssembly.Global | undefined;
  const metered = newVariant(variant, {
    wasmMemory: new WebAssembly.Memory({ ...MEMORY, maximum }),
    emscriptenModule: {
      instantiateWasm(imports, onSuccess) {
        const instance = new WebAssembly.Instance(wasm, imports);
        fuel = instance.exports[FUEL] as WebAssembly.Global;
        onSuccess(instance);
        return instance.exports;
      },
    },
  });
  const module = await newQuickJSWASMModuleFromVariant(metered);
  return {
    module,
    refuel: (amount) => (fuel!.value = amount),
    isEmpty: () => (fuel!.value as number) < 0,
  };
}
