/**
 * A person's JavaScript function, run in QuickJS: it sees its argument and the language, and nothing of the page, the
 * network or the machine. It has no clock and no chance, and every call starts from nothing, so that what it returns
 * depends on the code and the argument alone.
 */
import { Scope, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten-core';
import { compiledQuickJs } from './compiled';
import { FunctionError } from './error';
import { openQuickJs, type QuickJs } from './instance';
import { LONGEST_MESSAGE, messageOf } from './message';

export const LIMITS = {
  codeCharacters: 20_000,
  /** Loop turns and calls inside the interpreter, for one call: about 50 ms. */
  work: 10_000_000,
  memoryBytes: 16 * 2 ** 20,
  stackBytes: 256 * 2 ** 10,
};

/** For what is done around the code. */
const PLENTY = 2 ** 31 - 1;

/** What the language offers: no `Date` (a clock), no `Proxy`, no buffers. */
const intrinsics = {
  BaseObjects: true,
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  JSON: true,
  MapSet: true,
  Promise: true,
  BigInt: true,
};

/** Runs before the code can change anything: takes chance away, and gives what calls the function. */
const PRELUDE = `delete Math.random;
((parse) => (named, json) => named(parse(json)))(JSON.parse)`;

/** What a call gave: a finite number, or why there is none. */
export type Outcome = { value: number; error?: undefined } | { value?: undefined; error: string };

export class QuickJsFunction {
  private constructor(
    private readonly code: string,
    private readonly name: string,
    private quickjs: QuickJs | undefined,
  ) {}

  /**
   * @param code a script that defines the function `name`
   * @throws FunctionError when it does not compile, does not define the function, or breaks a limit on the way
   */
  static async open(code: string, name: string): Promise<QuickJsFunction> {
    if (code.length > LIMITS.codeCharacters)
      throw new FunctionError(
        `The code has ${code.length} characters; at most ${LIMITS.codeCharacters} are allowed.`,
      );
    const opened = new QuickJsFunction(code, name, await openQuickJs(await compiledQuickJs()));
    const kind = `typeof ${name} === 'function' ? Object.prototype.toString.call(${name}) : typeof ${name}`;
    const { error } = await opened.evaluate((vm, scope) => {
      const found = scope.manage(vm.evalCode(kind));
      if (found.error) return { error: messageOf(vm, found.error) };
      const text = vm.getString(found.value);
      if (text === '[object Function]') return { value: 1 };
      return {
        error:
          text === 'undefined'
            ? `The code defines no function named ${name}.`
            : text.startsWith('[')
              ? `${name} is of kind ${text.slice(8, -1)}; it must be a plain function that returns a number at once.`
              : `${name} is of type ${text}; it must be a function.`,
      };
    });
    if (error !== undefined) throw new FunctionError(error);
    return opened;
  }

  /** Calls the function, in a context of its own. @param argument anything that JSON holds */
  call(argument: unknown): Promise<Outcome> {
    const json = JSON.stringify(argument);
    return this.evaluate((vm, scope, caller) => {
      const named = scope.manage(vm.unwrapResult(vm.evalCode(this.name)));
      const text = scope.manage(vm.newString(json));
      const result = scope.manage(vm.callFunction(caller, vm.undefined, named, text));
      if (result.error) return { error: messageOf(vm, result.error) };
      const type = vm.typeof(result.value);
      const value = type === 'number' ? vm.getNumber(result.value) : NaN;
      if (Number.isFinite(value)) return { value };
      const returned = type === 'number' ? String(value) : type === 'undefined' ? 'nothing' : `a ${type}`;
      return { error: `${this.name} returned ${returned}; it must return a finite number.` };
    });
  }

  /** Frees the interpreter. */
  dispose(): void {
    this.quickjs = undefined;
  }

  /** Runs the code in a fresh context, then `work`, both within the limits. */
  private async evaluate(
    work: (vm: QuickJSContext, scope: Scope, caller: QuickJSHandle) => Outcome,
  ): Promise<Outcome> {
    const quickjs = (this.quickjs ??= await openQuickJs(await compiledQuickJs()));
    try {
      quickjs.refuel(PLENTY);
      const scope = new Scope();
      const { memoryBytes: memoryLimitBytes, stackBytes: maxStackSizeBytes } = LIMITS;
      const runtime = scope.manage(quickjs.module.newRuntime({ memoryLimitBytes, maxStackSizeBytes }));
      const vm = scope.manage(runtime.newContext({ intrinsics }));
      const caller = scope.manage(vm.unwrapResult(vm.evalCode(PRELUDE)));
      quickjs.refuel(LIMITS.work);
      const script = scope.manage(vm.evalCode(this.code, `${this.name}.js`, { type: 'global' }));
      const outcome = script.error ? { error: messageOf(vm, script.error) } : work(vm, scope, caller);
      quickjs.refuel(PLENTY);
      scope.dispose();
      return outcome;
    } catch (trap) {
      // The interpreter was left in the middle of something: nothing of it can be used again.
      this.quickjs = undefined;
      return { error: trapMessage(trap, quickjs.isEmpty()) };
    }
  }
}

function trapMessage(trap: unknown, outOfFuel: boolean): string {
  if (outOfFuel)
    return `It was stopped: it did more than ${LIMITS.work.toLocaleString('en')} steps (about 50 ms).`;
  if (trap instanceof RangeError) return 'It was stopped: its calls or its data are nested too deeply.';
  return `The interpreter broke: ${String(trap)}`.slice(0, LONGEST_MESSAGE);
}
