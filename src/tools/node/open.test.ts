import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../random';
import { BOMBS, escapes, LITTER, PROBE } from '../testing';
import { ToolError, type Interpreter } from '../types';
import { openInterpreter } from './open';

/** Python starts by the second on a busy machine. */
const PATIENCE_MS = 180_000;
const LIMITS = { seconds: 2, memory_mb: 128, output_chars: 4000 };

process.env.SECRET = 'of the host';
const arrived: string[] = [];
const listener = createServer((request, response) => {
  arrived.push(request.url ?? '');
  response.end();
});
listener.on('connection', (socket) => arrived.push(`connection from ${socket.remotePort}`));
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
const host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;

const interpreters: Record<'python' | 'javascript', Interpreter> = {
  python: await openInterpreter('python', LIMITS, 1),
  javascript: await openInterpreter('javascript', LIMITS, 1),
};
afterAll(() => {
  for (const interpreter of Object.values(interpreters)) interpreter.close();
  listener.close();
});

describe('nothing leaves', () => {
  it.each(escapes(host))('$language: $name', { timeout: PATIENCE_MS }, async ({ language, code }) => {
    const { stdout } = await interpreters[language].call(code);
    expect(stdout).not.toMatch(/forged\n|root:|SECRET/);
    expect(arrived).toEqual([]);
    expect(await interpreters[language].call('print(1 + 1)')).toMatchObject({ stdout: '2\n', error: null });
  });

  it('and the listener would have heard it', async () => {
    await fetch(`http://${host}/control`);
    expect(arrived).toContain('/control');
  });
});

describe('every end is an end', () => {
  it.each(BOMBS)('$language: $name', { timeout: PATIENCE_MS }, async ({ language, code }) => {
    const { error } = await interpreters[language].call(code);
    expect(error).not.toBeNull();
    expect(await interpreters[language].call('print(1 + 1)')).toMatchObject({ stdout: '2\n', error: null });
  });
});

describe.each(['python', 'javascript'] as const)('%s', (language) => {
  it('keeps nothing from one call to the next', { timeout: PATIENCE_MS }, async () => {
    const seed = 17;
    const random = new Random(seed);
    const interpreter = interpreters[language];
    const first = await interpreter.call(PROBE[language]);
    expect(first.error).toBeNull();
    for (let i = 0; i < 100; i++) {
      const litter = random.choice(LITTER[language]);
      await interpreter.call(litter);
      const { stdout, error } = await interpreter.call(PROBE[language]);
      expect({ stdout, error }, `seed ${seed}, call ${i}, after: ${litter}`).toEqual({
        stdout: first.stdout,
        error: null,
      });
    }
  });

  it('runs calls side by side, each with its own result', { timeout: PATIENCE_MS }, async () => {
    const pool = await openInterpreter(language, LIMITS, 2);
    const numbers = Array.from({ length: 20 }, (_, i) => i);
    const results = await Promise.all(numbers.map((n) => pool.call(`print(${n} * ${n})`)));
    expect(results.map(({ stdout }) => stdout)).toEqual(numbers.map((n) => `${n * n}\n`));
    pool.close();
    await expect(pool.call('print(1)')).rejects.toThrow(ToolError);
  });

  it('ends a call that is aborted, waiting or running', { timeout: PATIENCE_MS }, async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const endless = language === 'python' ? 'while True: pass' : 'for (;;) {}';
    const calls = [
      interpreters[language].call(endless, first.signal),
      interpreters[language].call(endless, second.signal),
    ];
    second.abort(new Error('second'));
    await expect(calls[1]).rejects.toThrow('second');
    first.abort(new Error('first'));
    await expect(calls[0]).rejects.toThrow('first');
    expect(await interpreters[language].call('print(1 + 1)')).toMatchObject({ stdout: '2\n' });
  });

  it('cuts output in the middle', { timeout: PATIENCE_MS }, async () => {
    const code =
      language === 'python' ? 'print("a" * 5000 + "b" * 5000)' : 'print("a".repeat(5000) + "b".repeat(5000))';
    const { stdout } = await interpreters[language].call(code);
    expect(stdout).toBe(`${'a'.repeat(2000)}...${'b'.repeat(1999)}\n`);
  });
});

it.each([
  ['js.fetch', 'import js', 'access'],
  ['one large object', 'x = [0] * 10**9', 'memory'],
  ['endless loop', 'while True: pass', 'time'],
  ['output flood', 'print("x" * 10**7)', 'output'],
] as const)('says what was refused: %s', { timeout: PATIENCE_MS }, async (_, code, refused) => {
  expect(await interpreters.python.call(code)).toMatchObject({ refused });
});
