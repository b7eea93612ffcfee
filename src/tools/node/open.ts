/** The interpreters under Node: each sandbox in a worker thread. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Calculator } from '../calculator';
import { InterpreterPool } from '../pool';
import { withFuel } from '../quickjs/fuel';
import type { SandboxFiles } from '../sandbox/protocol';
import { Starter } from '../sandbox/starter';
import type { Interpreter, ToolLanguage, ToolLimits, ToolPackage } from '../types';
import { SandboxThread } from './thread';

/**
 * An interpreter whose threads start when they are first needed, and keep the process alive until it is closed.
 * @param workers the most threads at once
 * @param packages what Python may import besides its standard library
 */
export async function openInterpreter(
  language: ToolLanguage,
  limits: ToolLimits,
  workers: number,
  packages: readonly ToolPackage[] = [],
): Promise<Interpreter> {
  if (language === 'calculator') return new Calculator(limits);
  const [script, files] = await load[language]();
  const starter = new Starter({ ...files, packages }, limits, language === 'python');
  return new InterpreterPool(() => new SandboxThread(script, starter), limits, workers);
}

const load: Record<Exclude<ToolLanguage, 'calculator'>, () => Promise<[string, SandboxFiles]>> = {
  async python() {
    const { default: script } = await import('../sandbox/python.ts?sandbox');
    const [wasm, library] = [await read('pyodide/pyodide.asm.wasm'), await read('pyodide/python_stdlib.zip')];
    return [script, { wasm: await WebAssembly.compile(wasm), library }];
  },
  async javascript() {
    const { default: script } = await import('../sandbox/javascript.ts?sandbox');
    const wasm = withFuel(await read('@jitl/quickjs-wasmfile-release-sync/wasm'));
    return [script, { wasm: await WebAssembly.compile(wasm) }];
  },
};

/** A file of an installed package. */
const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await readFile(createRequire(import.meta.url).resolve(name)));
