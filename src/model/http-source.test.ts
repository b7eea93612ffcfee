import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { httpSource } from './http-source';

let server: Server | undefined;
afterEach(() => server?.close());

/** Serves `file.bin` with the bytes 0 to 9. @param ranges whether ranges are honoured */
async function serve(ranges: boolean) {
  const sent: number[] = [];
  const file = Buffer.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  server = createServer(({ url, headers }, response) => {
    if (url === '/models/busy.bin') return response.writeHead(503).end();
    if (url === '/models/page.bin')
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<p>');
    if (url !== '/models/file.bin') return response.writeHead(404).end();
    const [begin, last] = (/^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? []).slice(1).map(Number);
    const body = ranges ? file.subarray(begin, last + 1) : file;
    sent.push(body.length);
    response
      .writeHead(ranges ? 206 : 200, { 'content-range': `bytes ${begin}-${last}/${file.length}` })
      .end(body);
  });
  await new Promise<void>((resolve) => server!.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return { source: httpSource(new URL(`http://localhost:${port}/models/`)), sent };
}

test('only the range asked for is fetched', async () => {
  const { source, sent } = await serve(true);
  expect(await source.size('file.bin')).toBe(10);
  expect([...(await source.read('file.bin', 3, 6))]).toEqual([3, 4, 5]);
  expect(sent).toEqual([1, 3]);
});

test('a server without ranges is asked once', async () => {
  const { source, sent } = await serve(false);
  expect(await source.size('file.bin')).toBe(10);
  expect([...(await source.read('file.bin', 3, 6))]).toEqual([3, 4, 5]);
  expect([...(await source.read('file.bin', 8, 99))]).toEqual([8, 9]);
  expect(sent).toEqual([10]);
});

test('a missing file is none, whether the server says so or shows its page; a failing server is an error', async () => {
  const { source } = await serve(true);
  expect(await source.size('other.bin')).toBeUndefined();
  expect(await source.size('page.bin')).toBeUndefined();
  await expect(source.size('busy.bin')).rejects.toThrow('503');
});
