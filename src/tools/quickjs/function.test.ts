/** A person's function: what it may do, and what it cannot, whatever it tries. */
import { describe, expect, it } from 'vitest';
import { LIMITS, QuickJsFunction } from './function';

/** What `f` gives for each argument in turn. */
async function results(code: string, ...args: unknown[]) {
  const f = await QuickJsFunction.open(code, 'f');
  const outcomes = [];
  for (const arg of args) outcomes.push(await f.call(arg));
  f.dispose();
  return outcomes.map(({ value, error }) => value ?? error);
}
const result = async (code: string, arg: unknown = null) => (await results(code, arg))[0];
const body = (code: string) => `function f(x) { ${code} }`;

describe('a sound function', () => {
  it('returns the number of its argument', async () => {
    expect(
      await results('function f({ a, b }) { return a - b }', { a: 5, b: 2 }, { a: 0.1, b: 1e300 }),
    ).toEqual([3, -1e300]);
  });

  it('may be an arrow function, use helpers, and have the language at hand', async () => {
    const code = `
      const words = (text) => text.match(/\\p{L}+/gu) ?? [];
      const f = (text) => new Set(words(text.normalize('NFC'))).size + Number(2n ** 3n) + Math.max(...[1, 2]);`;
    expect(await result(code, 'the cat and the Köter')).toBe(4 + 8 + 2);
  });

  it('gets its argument whole, whatever the text', async () => {
    const texts = ['', '"\\\n\u2028</script>', 'x'.repeat(100_000), '🙂', '\ud800', '\0'];
    const codes = texts.map((text) => [...text.slice(0, 10)].map((c) => c.codePointAt(0)).join());
    const code = body(
      'return [...x.text.slice(0, 10)].map((c) => c.codePointAt(0)).join() === x.codes ? x.text.length : -1',
    );
    const args = texts.map((text, i) => ({ text, codes: codes[i] }));
    expect(await results(code, ...args)).toEqual(texts.map((text) => text.length));
  });
});

describe('code that cannot be used is refused when it is opened', () => {
  it.each([
    ['function f( {', /^SyntaxError: .* \(line 1\)$/],
    ['\n\nlet 1', /line 3/],
    ['', 'The code defines no function named f.'],
    ['function g() { return 1 }', 'The code defines no function named f.'],
    ['const f = 3', 'f is of type number; it must be a function.'],
    ['async function f() { return 1 }', 'f is of kind AsyncFunction'],
    ['function* f() { yield 1 }', 'f is of kind GeneratorFunction'],
    ['throw new Error("at once")', 'Error: at once (line 1)'],
    ['for (;;);', 'It was stopped: it did more than 10,000,000 steps'],
    ['import x from "y"; function f() {}', 'SyntaxError'],
  ])('%j', async (code, message) => {
    await expect(QuickJsFunction.open(code, 'f')).rejects.toThrow(message);
    await expect(QuickJsFunction.open(code, 'f')).rejects.toHaveProperty('name', 'FunctionError');
  });

  it('too much of it', async () => {
    const open = (length: number) => QuickJsFunction.open('function f() {}'.padEnd(length), 'f');
    await open(LIMITS.codeCharacters);
    await expect(open(LIMITS.codeCharacters + 1)).rejects.toThrow('has 20001 characters; at most 20000');
  });
});

describe('what is not a finite number is an error', () => {
  it.each([
    ['return NaN', 'f returned NaN; it must return a finite number.'],
    ['return 1 / 0', 'f returned Infinity; it must return a finite number.'],
    ['', 'f returned nothing; it must return a finite number.'],
    ['return "1"', 'f returned a string; it must return a finite number.'],
    ['return true', 'f returned a boolean; it must return a finite number.'],
    ['return 1n', 'f returned a bigint; it must return a finite number.'],
    ['return new Number(1)', 'f returned a object; it must return a finite number.'],
    ['return Promise.resolve(1)', 'f returned a object; it must return a finite number.'],
    ['return { valueOf: () => 1 }', 'f returned a object; it must return a finite number.'],
    ['return Symbol()', 'f returned a symbol; it must return a finite number.'],
    ['return x.missing', "TypeError: cannot read property 'missing' of null (line 1)"],
    ['\nthrow new RangeError("too far")', 'RangeError: too far (line 2)'],
    ['throw "words"', '"words" was thrown'],
    ['throw undefined', 'undefined was thrown'],
    ['throw { get name() { for (;;); } }', /It was stopped/],
    ['throw new Error("long ".repeat(1e5))', /^Error: (long )+/],
  ])('%s', async (code, error) => {
    const message = await result(body(code));
    expect(message).toEqual(typeof error === 'string' ? error : expect.stringMatching(error));
    expect(String(message).length).toBeLessThan(400);
  });
});

describe('no code gets beyond its limits, and the next call is sound', () => {
  it.each([
    ['an endless loop', 'for (;;);', /more than 10,000,000 steps/],
    ['one that catches everything', 'for (;;) try { for (;;); } catch {}', /more than/],
    ['endless recursion', 'return f(x)', /stack overflow/],
    [
      'recursion that branches',
      'const g = (n) => n < 2 ? 1 : g(n - 1) + g(n - 2); return g(60)',
      /more than/,
    ],
    [
      'a regular expression that backtracks',
      'return /^(a+)+$/.test("a".repeat(60) + "b") ? 1 : 0',
      /more than/,
    ],
    ['a memory bomb', 'const a = []; for (;;) a.push(new Array(100_000).fill(1))', /out of memory|more than/],
    ['a text that doubles', 'let s = "x"; for (;;) s += s', /out of memory|string/],
    ['a huge text', 'return "x".repeat(2 ** 29).length', /out of memory/],
    // These loop in native code, which asks no interrupt handler.
    ['a search over a sparse array', 'return Array(4e9).indexOf(1)', /more than/],
    ['a search in a long text', 'return "a".repeat(4e6).indexOf("a".repeat(2e6) + "b")', /more than/],
    [
      'a list that claims to be long',
      'return [].concat({ length: 2 ** 53 - 1, [Symbol.isConcatSpreadable]: true }).length',
      /more than/,
    ],
    ['an iterator that drops', 'return Array(4e9).values().drop(4e9).next() ? 1 : 0', /more than/],
    ['large numbers', 'let n = 3n ** 300000n; for (;;) n = (n * n) % 7n ** 300000n', /more than|too large/],
    ['a text nested too deeply', 'return JSON.parse("[".repeat(1e6)).length', /nested too deeply|stack/],
    ['code within code', 'return eval("(".repeat(1e5))', /./],
  ])('%s', async (_, code, error) => {
    const begin = performance.now();
    const [bad, good] = await results(body(`if (x > 0) return x; ${code}`), 0, 7);
    expect(bad).toMatch(error);
    expect(good).toBe(7);
    // Fuel lasts for some 50 ms; the machine may be busy.
    expect(performance.now() - begin).toBeLessThan(5000);
  });
});

describe('every call starts from nothing', () => {
  it.each([
    ['a variable', 'let n = 0; function f() { return n++ }'],
    ['a global', 'function f() { globalThis.n = (globalThis.n ?? -1) + 1; return n }'],
    ['a prototype', 'function f(x) { const had = x.n ?? 0; x.__proto__.n = 1; return had }'],
    [
      'a replaced built-in',
      'function f() { const had = Math.pi ?? 0; Math.pi = 3; JSON.parse = () => 9; return had }',
    ],
    ['a replaced function', 'function f() { f = () => 9; return 0 }'],
  ])('%s is not kept', async (_, code) => {
    expect(await results(code, {}, {}, {})).toEqual([0, 0, 0]);
  });

  it('and changes nothing here', async () => {
    await result(body('Object.prototype.polluted = 1; Array.prototype.map = null; return 1'), {});
    expect('polluted' in {}).toBe(false);
    expect([1].map((n) => n)).toEqual([1]);
  });
});

describe('nothing outside can be reached', () => {
  it.each(
    'process require module window self document navigator fetch XMLHttpRequest WebSocket Worker importScripts indexedDB localStorage postMessage setTimeout queueMicrotask performance crypto console std os print WebAssembly SharedArrayBuffer Atomics Date Proxy'.split(
      ' ',
    ),
  )('no %s', async (name) => {
    const ways = [
      `typeof ${name}`,
      `typeof globalThis.${name}`,
      `constructor.constructor('return typeof ${name}')()`,
    ];
    expect(await result(body(`return [${ways.join()}].every((t) => t === 'undefined') ? 1 : 0`))).toBe(1);
  });

  it('constructor.constructor, import() and a stack trace find nothing', async () => {
    expect(await result(body(`return constructor.constructor('return process')()`))).toMatch(
      /ReferenceError: '?process/,
    );
    // The module is never loaded: nothing waits for it.
    expect(await result(body(`import('node:fs'); return 1`))).toBe(1);
    expect(await result(body(`return /[/]|node|http/.test(new Error().stack) ? 1 : 0`))).toBe(0);
  });
});

it('has neither clock nor chance: the same call gives the same, in another interpreter too', async () => {
  expect(await result(body('return Math.random()'))).toMatch('not a function');
  expect(await result(body('return Date.now()'))).toMatch('Date');
  const code = body(
    'let h = 7; for (const c of x) h = (h * 31 + c.charCodeAt(0)) % 1000003; return Math.sin(h)',
  );
  const texts = Array.from({ length: 20 }, (_, i) => `text ${i} `.repeat(i));
  expect(await results(code, ...texts)).toEqual(await results(code, ...texts));
});

it('allows the same work in every interpreter', async () => {
  const loop = body('let i = 0; while (i < x) i++; return i');
  const [enough, tooMuch] = [100_000, 10_000_000];
  let [low, high] = [enough, tooMuch];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (typeof (await result(loop, middle)) === 'number') low = middle;
    else high = middle;
  }
  expect(low).toBeGreaterThan(enough);
  expect(high).toBeLessThan(tooMuch);
  for (let i = 0; i < 3; i++) {
    expect(await result(loop, low)).toBe(low);
    expect(await result(loop, high)).toMatch('It was stopped');
  }
}, 60_000);
