/** The page's side of the sandbox tests: interpreters by name, and a worker whose script is all hostile. */
import { openInterpreter } from '../../src/tools/browser/open';
import { serveInterpreters } from '../../src/tools/browser/serve';
import { SandboxFrame } from '../../src/tools/browser/workers';
import type { Interpreter, ToolLanguage, ToolLimits, ToolResult } from '../../src/tools/types';

interface SandboxPage {
  open: (name: string, language: ToolLanguage, limits: ToolLimits, workers: number) => Promise<void>;
  call: (name: string, code: string) => Promise<ToolResult>;
  /** Milliseconds for all calls, made at once. */
  time: (name: string, codes: string[]) => Promise<number>;
  close: (name: string) => void;
  /** Runs JavaScript where the interpreters run, with nothing taken away: what it reports. */
  runRaw: (script: string) => Promise<string>;
  /** Calls from a worker, through its port. */
  callFromWorker: (code: string) => Promise<ToolResult>;
  /** Whatever is stored under the page's origin. */
  stored: () => Promise<unknown>;
}

declare global {
  interface Window {
    sandbox: SandboxPage;
  }
}

const interpreters = new Map<string, Interpreter>();
/** The shortest module there is. */
const EMPTY_WASM = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const LIMITS: ToolLimits = { seconds: 20, memory_mb: 64, output_chars: 10_000 };

window.sandbox = {
  open: async (name, language, limits, workers) =>
    void interpreters.set(name, await openInterpreter(language, limits, workers)),
  call: (name, code) => interpreters.get(name)!.call(code),
  time: async (name, codes) => {
    const begin = performance.now();
    await Promise.all(codes.map((code) => interpreters.get(name)!.call(code)));
    return performance.now() - begin;
  },
  close: (name) => interpreters.get(name)?.close(),
  runRaw: async (script) => {
    const frame = new SandboxFrame({ script, wasm: EMPTY_WASM.slice().buffer }, LIMITS);
    const worker = frame.spawn();
    await worker.ready;
    const { stdout } = await worker.call('');
    frame.close();
    return stdout;
  },
  callFromWorker: (code) =>
    new Promise((resolve) => {
      const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
      const { port1, port2 } = new MessageChannel();
      serveInterpreters(port1);
      worker.onmessage = ({ data }: MessageEvent<ToolResult>) => resolve(data);
      worker.postMessage(code, [port2]);
    }),
  stored: async () => {
    const files: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
    return {
      databases: await indexedDB.databases(),
      caches: await caches.keys(),
      files,
      local: Object.keys(localStorage),
      cookie: document.cookie,
    };
  },
};
