/** The sandbox of the policy's tool calls in a real browser, against hostile code and beside a listener on the loopback. */
import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { build, preview, type PreviewServer } from 'vite';
import { BOMBS, escapes, LITTER, PROBE } from '../src/tools/testing.ts';
import { rawAttempts } from './sandbox/raw.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const LIMITS = { seconds: 2, memory_mb: 128, output_chars: 4000 };
const PAGE = 'e2e/sandbox/index.html';

let page: Page;
let server: PreviewServer;
let listener: Server;
let udp: Socket;
let host: string;
/** Connections and requests at the listener. */
const arrived: string[] = [];
const outDir = mkdtempSync(join(tmpdir(), 'lab-sandbox-'));

test.beforeAll(async ({ browser }) => {
  listener = createServer((request, response) => {
    arrived.push(request.url ?? '');
    response.end();
  });
  listener.on('connection', () => arrived.push('connection'));
  listener.on('upgrade', (request) => arrived.push(`upgrade ${request.url}`));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  udp = createSocket('udp4', () => arrived.push('datagram'));
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));

  const common = { logLevel: 'error' as const };
  await build({ ...common, build: { outDir, emptyOutDir: true, rolldownOptions: { input: PAGE } } });
  server = await preview({
    ...common,
    build: { outDir },
    preview: { port: 20_000 + (process.pid % 20_000) },
  });
  page = await browser.newPage();
  await page.goto(new URL(PAGE, server.resolvedUrls!.local[0]).href);
  for (const language of ['python', 'javascript'] as const)
    await page.evaluate(([name, limits]) => window.sandbox.open(name, name, limits, 1), [
      language,
      LIMITS,
    ] as const);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
  listener.close();
  udp.close();
  rmSync(outDir, { recursive: true, force: true });
});

const call = (language: string, code: string) =>
  page.evaluate(([name, text]) => window.sandbox.call(name, text), [language, code] as const);
const nextCallWorks = async (language: string) =>
  expect(await call(language, 'print(1 + 1)')).toMatchObject({ stdout: '2\n', error: null });

test('nothing leaves an interpreter', async () => {
  for (const { language, name, code } of escapes(host)) {
    const { stdout } = await call(language, code);
    expect(stdout, name).not.toMatch(/forged\n|root:/);
    expect(arrived, name).toEqual([]);
    await nextCallWorks(language);
  }
});

test('nothing leaves a worker whose script is all hostile', async () => {
  const script = rawAttempts(host, udp.address().port);
  const report = await page.evaluate((text) => window.sandbox.runRaw(text), script);
  const outcome = JSON.parse(report) as Record<string, string>;
  expect(Object.entries(outcome).filter(([, what]) => what === 'DONE')).toEqual([]);
  expect(Object.keys(outcome)).toContain('serviceWorker');
  expect(arrived).toEqual([]);
});

test('nothing is stored, and the page is where it was', async () => {
  expect(await page.evaluate(() => window.sandbox.stored())).toEqual({
    databases: [],
    caches: [],
    files: [],
    local: [],
    cookie: '',
  });
  expect(new URL(page.url()).pathname).toBe(`/${PAGE}`);
});

test('the listener would have heard it', async () => {
  await page.evaluate(
    (url) => fetch(url, { mode: 'no-cors' }).catch(() => undefined),
    `http://${host}/control`,
  );
  expect(arrived).toContain('/control');
});

for (const { language, name, code } of BOMBS)
  test(`ends: ${language}, ${name}`, async () => {
    const { error } = await call(language, code);
    expect(error).not.toBeNull();
    await nextCallWorks(language);
  });

for (const language of ['python', 'javascript'] as const)
  test(`200 calls leave nothing behind: ${language}`, async () => {
    const first = await call(language, PROBE[language]);
    expect(first.error).toBeNull();
    for (let i = 0; i < 100; i++) {
      const litter = LITTER[language][i % LITTER[language].length];
      await call(language, litter);
      const { stdout, error } = await call(language, PROBE[language]);
      expect({ stdout, error }, `call ${i}, after: ${litter}`).toEqual({ stdout: first.stdout, error: null });
    }
  });

test('a worker calls through its page', async () => {
  const result = await page.evaluate(() => window.sandbox.callFromWorker('print(6 * 7)'));
  expect(result).toMatchObject({ stdout: '42\n', error: null });
});
