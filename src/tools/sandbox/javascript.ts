/** JavaScript in a sandbox: QuickJS, a new runtime for every call. */
import { serve } from './host';
import { resetWorld } from './world';
import { Scope, type QuickJSHandle } from 'quickjs-emscripten-core';
import { openQuickJs, type QuickJs } from '../quickjs/instance';
import { messageOf } from '../quickjs/message';
import { timeoutError, type ToolLimits } from '../types';
import { MOST_PRINTED, Printed } from './printed';
import type { SandboxResult, SandboxStart, Started } from './protocol';
import { Encoder } from './text';

const MOST_FUEL = 2 ** 31 - 1;
/** Loop turns and calls: twice as many as a second takes on a slow machine. */
const FUEL_PER_SECOND = 200_000_000;
const STACK_BYTES = 512 * 2 ** 10;
/** MiB that the interpreter itself has. */
const OWN_MB = 16;

/** Gives the code `print` and `console`. */
const PRELUDE = `((emit) => {
  const json = JSON.stringify;
  const text = (value) => {
    if (typeof value !== 'object' || value === null || value instanceof Error) return String(value);
    if (value instanceof Map || value instanceof Set) value = [...value];
    try { return json(value); } catch { return String(value); }
  };
  const print = (...values) => emit(values.map(text).join(' ') + '\\n');
  globalThis.print = print;
  globalThis.console = { log: print, info: print, debug: print, warn: print, error: print };
})`;

let quickjs: QuickJs;
let limits: ToolLimits;

/** `Sandbox.start`. */
export async function start({ files, limits: given }: SandboxStart): Promise<Started> {
  limits = given;
  quickjs = await openQuickJs(files.wasm, limits.memory_mb * 16);
  return {};
}

/** `Sandbox.call`. */
export function call(code: string): string {
  resetWorld();
  const printed = new Printed(limits.output_chars);
  let result: SandboxResult;
  try {
    result = printed.end(run(code, printed));
  } catch (trap) {
    // The interpreter was left in the middle of something: nothing of it can be used again.
    const error = quickjs.isEmpty()
      ? timeoutError(limits.seconds)
      : trap instanceof RangeError
        ? 'RangeError: calls or data are nested too deeply'
        : `The interpreter broke: ${String(trap)}`;
    result = { ...printed.end(error), ...(quickjs.isEmpty() && { refused: 'time' }), worn: true };
  }
  return JSON.stringify(result);
}

/** @returns what went wrong */
function run(code: string, printed: Printed): string | null {
  quickjs.refuel(MOST_FUEL);
  const scope = new Scope();
  const runtime = scope.manage(
    quickjs.module.newRuntime({
      memoryLimitBytes: (limits.memory_mb - OWN_MB) * 2 ** 20,
      maxStackSizeBytes: STACK_BYTES,
    }),
  );
  const vm = scope.manage(runtime.newContext());
  const encoder = new Encoder();
  const emit = scope.manage(
    vm.newFunction('emit', (text: QuickJSHandle) => {
      if (!printed.write(encoder.encode(vm.getString(text))))
        throw new RangeError(`more than ${MOST_PRINTED} characters were printed`);
    }),
  );
  const prelude = scope.manage(vm.unwrapResult(vm.evalCode(PRELUDE)));
  scope.manage(vm.unwrapResult(vm.callFunction(prelude, vm.undefined, emit)));
  quickjs.refuel(Math.min(MOST_FUEL, limits.seconds * FUEL_PER_SECOND));
  const script = scope.manage(vm.evalCode(code, 'code.js', { type: 'global' }));
  const jobs = script.error ? script : scope.manage(runtime.executePendingJobs());
  const error = jobs.error ? messageOf(vm, jobs.error) : null;
  quickjs.refuel(MOST_FUEL);
  scope.dispose();
  return error;
}

serve({ start, call });
