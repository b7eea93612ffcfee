/** The interpreters in a page: each sandbox in a worker of a frame without an origin. */
import { Calculator } from '../calculator';
import { InterpreterPool } from '../pool';
import { type Interpreter, ToolError, type ToolLanguage, type ToolLimits, type ToolPackage } from '../types';
import type { FrameFiles } from './frame-protocol';
import { SandboxFrame } from './workers';

/**
 * An interpreter whose workers start when they are first needed. Only a page can open one; a worker asks its page
 * (`serve.ts`).
 * @param workers the most at once
 * @param packages what Python may import besides its standard library
 * @throws ToolError when the interpreter's files cannot be had
 */
export async function openInterpreter(
  language: ToolLanguage,
  limits: ToolLimits,
  workers: number,
  packages: readonly ToolPackage[] = [],
): Promise<Interpreter> {
  if (language === 'calculator') return new Calculator(limits);
  const frame = new SandboxFrame({ ...(await load[language]()), packages }, limits);
  return new InterpreterPool(
    () => frame.spawn(),
    limits,
    workers,
    () => frame.close(),
  );
}

const load: Record<Exclude<ToolLanguage, 'calculator'>, () => Promise<FrameFiles>> = {
  async python() {
    const { script, wasm, library } = await import('./python-files');
    const [wasmBytes, libraryBytes] = await Promise.all([read(wasm), read(library)]);
    return { script, wasm: wasmBytes, library: new Uint8Array(libraryBytes) };
  },
  async javascript() {
    const { script, wasm } = await import('./javascript-files');
    return { script, wasm: (await wasm()).buffer };
  },
};

async function read(url: string): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    return await response.arrayBuffer();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ToolError(`A file of the interpreter could not be loaded, so no code was run: ${why}.`);
  }
}
