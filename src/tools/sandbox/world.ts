/**
 * The world of code in a sandbox, closed when this file is imported: ECMAScript and nothing else, with a clock and a chance
 * that begin anew at every call. It is the same in a browser's worker and in a bare context under Node.
 */
import { Random } from '../../random';
import { Decoder, Encoder } from './text';

/** What is left of the global object. Everything else is a way out, differs between platforms, or is not needed. */
const KEPT = new Set(
  (
    'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp ' +
    'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl ' +
    'ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array Float32Array Float64Array ' +
    'Uint8ClampedArray BigUint64Array BigInt64Array DataView Map BigInt Set WeakMap WeakSet WeakRef Proxy Reflect ' +
    'FinalizationRegistry decodeURI decodeURIComponent encodeURI encodeURIComponent isFinite isNaN Iterator ' +
    'SharedArrayBuffer Atomics WebAssembly'
  ).split(' '),
);

const BEGINNING = Date.UTC(2025, 0, 1);
/** Every look at the clock moves it, so that whoever waits for a moment sees it come. */
const TICK_MS = 0.01;

let now = BEGINNING;
let random = new Random(0);

/** Clock and chance as at the first call. */
export function resetWorld(): void {
  now = BEGINNING;
  random = new Random(0);
}

const tick = () => (now += TICK_MS);

function closeWorld(): void {
  let level: object = globalThis;
  while (level !== Object.prototype) {
    for (const key of Reflect.ownKeys(level))
      if (key !== 'constructor' && !KEPT.has(String(key))) remove(level, key);
    level = Object.getPrototypeOf(level) as object;
  }
  Reflect.set(Math, 'random', () => random.next());
  const levels = ['log', 'info', 'debug', 'warn', 'error', 'trace'];
  Object.assign(globalThis, {
    Date: universalDate(),
    performance: { now: () => tick() - BEGINNING },
    crypto: { getRandomValues: fillRandom },
    console: Object.fromEntries(levels.map((name) => [name, () => undefined])),
    setTimeout: () => 0,
    clearTimeout: () => undefined,
    TextDecoder: Decoder,
    TextEncoder: Encoder,
  });
}

function remove(level: object, key: string | symbol): void {
  if (!Reflect.deleteProperty(level, key)) Reflect.set(level, key, undefined);
}

/** `Date` on the sandbox's clock, in Coordinated Universal Time wherever the machine stands. */
function universalDate(): DateConstructor {
  const Real = Date;
  class Universal extends Real {
    constructor(...args: number[]) {
      if (args.length === 0) super(Math.floor(tick()));
      else if (args.length < 2) super(args[0]);
      else super(Real.UTC(...(args as [number, number])));
    }
    static override now = () => Math.floor(tick());
    override getTimezoneOffset() {
      return 0;
    }
  }
  for (const part of ['FullYear', 'Month', 'Date', 'Day', 'Hours', 'Minutes', 'Seconds', 'Milliseconds'])
    Reflect.set(Universal.prototype, `get${part}`, Reflect.get(Real.prototype, `getUTC${part}`));
  return Universal as DateConstructor;
}

function fillRandom<T extends ArrayBufferView>(view: T): T {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  bytes.forEach((_, i) => (bytes[i] = random.int(256)));
  return view;
}

closeWorld();
