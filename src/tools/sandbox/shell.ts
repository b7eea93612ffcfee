/**
 * Makes Pyodide believe that it runs in a bare JavaScript shell, which reads files by a function and knows no network. To be
 * imported before it.
 */

const files = new Map<string, Uint8Array>();

/** A file that the interpreter will read, by its name. */
export const provideFile = (name: string, bytes: Uint8Array): void => void files.set(name, bytes);

function readbuffer(path: string): Uint8Array {
  // The WebAssembly module does not come as a file: see `provideWasm`.
  return files.get(path.slice(path.lastIndexOf('/') + 1)) ?? new Uint8Array();
}

/** Instantiating bytes, whatever they are, takes this module. */
export function provideWasm(module: WebAssembly.Module): void {
  // It was compiled in another realm under Node.
  Object.setPrototypeOf(module, WebAssembly.Module.prototype);
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  const provided = async (source: BufferSource | WebAssembly.Module, imports?: WebAssembly.Imports) =>
    source instanceof WebAssembly.Module
      ? instantiate(source, imports)
      : { module, instance: await instantiate(module, imports) };
  Object.assign(WebAssembly, { instantiate: provided });
}

// As in a worker, the runtime takes its random bytes from `crypto`.
Object.assign(globalThis, { WorkerGlobalScope: Object, read: () => '', load: () => undefined, readbuffer });
