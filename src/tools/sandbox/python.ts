/** CPython in a sandbox: Pyodide without its bridges to JavaScript, its memory put back after every call. */
import { serve } from './host';
import { resetWorld } from './world';
import './shell';
import { loadPyodide } from 'pyodide';
import createPyodideModule from 'pyodide/pyodide.asm.mjs';
import bootstrap from './bootstrap.py?raw';
import { capMemory, MemoryImage } from './memory';
import { Printed } from './printed';
import { importPackages, PACKAGES_FOLDER, unpackPackages } from './packages';
import type { SandboxResult, SandboxStart, Started } from './protocol';
import { provideFile, provideWasm } from './shell';
import { FileSystemImage, type Emscripten } from './files';

const HOME = '/home/user';
/** EFBIG of WASI */
const TOO_LARGE = 22;

interface Python {
  run: (code: string) => string | undefined;
  printed: Printed;
  /** @returns whether everything is as it was */
  restore: () => boolean;
}

/** What Pyodide offers and its types leave out. */
interface Internals {
  _module: Emscripten;
  makeMemorySnapshot(): Uint8Array<ArrayBuffer>;
}

let python: Python;

/** `Sandbox.start`. */
export async function start({ files, limits }: SandboxStart): Promise<Started> {
  capMemory(limits.memory_mb);
  provideWasm(files.wasm);
  provideFile('python_stdlib.zip', files.library!);
  const load = (snapshot?: Uint8Array<ArrayBuffer>) =>
    loadPyodide({
      indexURL: '/',
      createPyodideModule,
      lockFileContents: JSON.stringify({ info: { abi_version: '2026_0' }, packages: {} }),
      jsglobals: Object.create(null) as object,
      env: { HOME, PYTHONHASHSEED: '0', TZ: 'UTC' },
      stdin: () => null,
      enableRunUntilComplete: false,
      _makeSnapshot: !snapshot,
      _loadSnapshot: snapshot,
    });
  let pyodide = await load(files.snapshot);
  let snapshot: Uint8Array<ArrayBuffer> | undefined;
  if (!files.snapshot) {
    pyodide.runPython(bootstrap);
    snapshot = (pyodide as unknown as Internals).makeMemorySnapshot();
    // As every other sandbox starts: where objects lie in memory decides the order of some sets.
    pyodide = await load(snapshot);
  }
  const internals = pyodide as unknown as Internals;

  const printed = new Printed(limits.output_chars);
  const { FS } = internals._module;
  const write = (bytes: Uint8Array) => {
    if (!printed.write(bytes)) throw new FS.ErrnoError(TOO_LARGE);
    return bytes.length;
  };
  pyodide.setStdout({ write });
  pyodide.setStderr({ write });
  pyodide.runPython('_close()');
  const run = (pyodide.globals as unknown as Map<string, Python['run']>).get('_run')!;
  run('print()');
  const packages = files.packages ?? [];
  unpackPackages(FS, run, packages);
  const disk = new FileSystemImage(FS, HOME, PACKAGES_FOLDER);
  importPackages(run, packages);
  if (!disk.restore()) throw new Error('a package changes files of the interpreter when it is imported.');
  printed.end(null);
  const memory = new MemoryImage(internals._module);
  python = {
    run,
    printed,
    restore: () => memory.restore() && disk.restore(),
  };
  return { snapshot };
}

/** `Sandbox.call`. */
export function call(code: string): string {
  resetWorld();
  let [error, broken]: [string | null, boolean] = [null, false];
  try {
    error = python.run(code) ?? null;
  } catch (fatal) {
    [error, broken] = [`The interpreter broke: ${String(fatal)}`, true];
  }
  const result: SandboxResult = python.printed.end(error);
  return JSON.stringify(broken || !python.restore() ? { ...result, worn: true } : result);
}

serve({ start, call });
