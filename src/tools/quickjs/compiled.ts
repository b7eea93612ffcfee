/** The WebAssembly of QuickJS, in this bundle: compiled once, when first needed. */
import quickjsWasm from '@jitl/quickjs-wasmfile-release-sync/wasm?url&inline';
import { withFuel } from './fuel';

let compiled: Promise<WebAssembly.Module> | undefined;

async function compile(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await quickJsBytes());
}

/** The interpreter `withFuel`. */
export async function quickJsBytes(): Promise<Uint8Array<ArrayBuffer>> {
  return withFuel(new Uint8Array(await (await fetch(quickjsWasm)).arrayBuffer()));
}

export const compiledQuickJs = (): Promise<WebAssembly.Module> => (compiled ??= compile());
