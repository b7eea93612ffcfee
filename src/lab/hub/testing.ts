/** A folder of Node as a model's folder, and a server that speaks the part of the Hub's protocol that the lab uses. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobSource } from '../../model/source';
import type { SyncFile } from '../../store/sync-file';
import type { ModelFolder } from './install';

export function syncFile(path: string): SyncFile {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT);
  return {
    read: (buffer, { at }) => readSync(file, buffer, 0, buffer.length, at),
    write: (buffer, { at }) => writeSync(file, buffer, 0, buffer.length, at),
    getSize: () => fstatSync(file).size,
    truncate: (size) => ftruncateSync(file, size),
    flush: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}

/** A fresh folder. */
export function temporaryFolder(): ModelFolder & { path: string; complete: Set<string> } {
  const path = mkdtempSync(join(tmpdir(), 'lab-hub-'));
  const complete = new Set<string>();
  return {
    path,
    complete,
    open: (name) => Promise.resolve(syncFile(join(path, name))),
    completed: (name) => Promise.resolve(void complete.add(name)),
    source: () =>
      Promise.resolve(
        blobSource(new Map([...complete].map((name) => [name, new Blob([readFileSync(join(path, name))])]))),
      ),
  };
}

export interface FakeHub {
  url: string;
  /** The ranges asked for, by file: the first byte of each. */
  begins: Record<string, number[]>;
  /** The body of the next answers with this file ends after so many bytes, the connection with it. */
  cutAfter: (name: string, ...bytes: number[]) => void;
  /** The next answer with this file stands still after so many bytes, until `cut`. */
  holdAfter: (name: string, bytes: number) => void;
  /** Ends the connections that stand still. */
  cut: () => void;
  /** Bytes that are sent in place of a file's. */
  replace: (name: string, bytes: Uint8Array) => void;
  close: () => void;
}

/** The commit of everything that it serves. */
export const REVISION = '0123456789abcdef0123456789abcdef01234567';

/**
 * Serves `files` as the model test/tiny, and as test/gated for those with the token hf_good. Files above 1000 bytes are
 * announced as Git LFS files.
 */
export async function startFakeHub(files: Readonly<Record<string, Uint8Array>>): Promise<FakeHub> {
  const begins: Record<string, number[]> = {};
  const cuts: Record<string, number[]> = {};
  const holds: Record<string, number> = {};
  const held: ServerResponse[] = [];
  const replaced: Record<string, Uint8Array> = {};

  const tree = Object.entries(files).map(([path, bytes]) => {
    const isLarge = bytes.length > 1000;
    const hash = (algorithm: string, ...parts: (string | Uint8Array)[]) =>
      parts.reduce((h, part) => h.update(part), createHash(algorithm)).digest('hex');
    return {
      type: 'file',
      path,
      size: bytes.length,
      oid: hash('sha1', `blob ${bytes.length}\0`, bytes),
      ...(isLarge && { lfs: { oid: hash('sha256', bytes), size: bytes.length, pointerSize: 134 } }),
    };
  });

  const respond = (request: IncomingMessage, response: ServerResponse) => {
    const headers = {
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'authorization, range',
      'access-control-expose-headers': 'content-range, link, x-error-code',
    };
    const end = (status: number, body?: unknown) =>
      response
        .writeHead(status, { ...headers, 'content-type': 'application/json' })
        .end(body === undefined ? undefined : JSON.stringify(body));
    if (request.method === 'OPTIONS') return end(204);
    const path = decodeURIComponent(new URL(request.url ?? '/', 'http://hub').pathname);
    const [, id, rest] = /^(?:\/api\/models)?\/(test\/[\w-]+)\/(.*)$/.exec(path) ?? [];
    if (id === 'test/gated' && request.headers.authorization !== 'Bearer hf_good')
      return end(401, { error: 'Access to this model is restricted.' });
    if (id !== 'test/tiny' && id !== 'test/gated') return end(404, { error: 'Repository not found' });
    if (rest === 'revision/main') return end(200, { _id: '1', id, sha: REVISION });
    if (rest === `tree/${REVISION}`) return end(200, tree);
    const name = rest.startsWith(`resolve/${REVISION}/`) ? rest.slice(`resolve/${REVISION}/`.length) : '';
    if (!Object.hasOwn(files, name)) return end(404, { error: 'Entry not found' });
    const bytes = replaced[name] ?? files[name];
    const begin = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    (begins[name] ??= []).push(begin);
    response.writeHead(206, {
      ...headers,
      'content-length': bytes.length - begin,
      'content-range': `bytes ${begin}-${bytes.length - 1}/${bytes.length}`,
    });
    if (holds[name] !== undefined) {
      response.write(bytes.subarray(begin, begin + holds[name]));
      delete holds[name];
      return held.push(response);
    }
    const cut = cuts[name]?.shift();
    if (cut === undefined) return response.end(bytes.subarray(begin));
    response.write(bytes.subarray(begin, begin + cut), () => response.destroy());
  };

  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    begins,
    cutAfter: (name, ...bytes) => void (cuts[name] = bytes),
    holdAfter: (name, bytes) => void (holds[name] = bytes),
    cut: () => held.splice(0).forEach((response) => response.destroy()),
    replace: (name, bytes) => void (replaced[name] = bytes),
    close: () => server.close(),
  };
}
