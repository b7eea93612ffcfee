/** One file from the Hub into a file here: goes on where it ended, and is kept only if its bytes hash to what the Hub says. */
import { HubApiError } from '@huggingface/hub';
import { StoreError } from '../../store/types';
import type { SyncFile } from '../../store/sync-file';
import { hashOf, type Hash } from './hash';
import { explained, HUB_URL, HubError, type HubAccess, type HubFile, type HubModel } from './repository';

export interface DownloadHooks {
  /** Bytes of the file that are here. */
  onProgress?: (bytes: number) => void;
  /** Milliseconds before each new try after a lost connection; the count begins anew when something came. */
  retryDelays?: readonly number[];
}

const RETRY_DELAYS = [1000, 4000, 15_000];
const READ_BYTES = 2 ** 22;
/** Written bytes that a crash may cost. */
const FLUSH_BYTES = 2 ** 25;

/**
 * Downloads what is missing of `remote` into `file` and checks the whole.
 * @throws HubError when the Hub refuses or the connection is lost for good (what came is kept), or the bytes are not those the
 * Hub announced (the file is emptied); StoreError when they cannot be written; the reason of `access.signal` when aborted
 */
export async function downloadFile(
  model: HubModel,
  remote: HubFile,
  file: SyncFile,
  access: HubAccess,
  { onProgress, retryDelays = RETRY_DELAYS }: DownloadHooks = {},
): Promise<void> {
  if (file.getSize() > remote.size) file.truncate(0);
  let hash = rehash(remote, file);
  let tries = 0;
  while (file.getSize() < remote.size) {
    onProgress?.(file.getSize());
    const before = file.getSize();
    try {
      const body = await request(model, remote, before, access);
      if (body.restarts) {
        file.truncate(0);
        hash = hashOf(remote);
      }
      await append(body.stream, remote, file, hash, onProgress);
    } catch (error) {
      access.signal?.throwIfAborted();
      if (error instanceof StoreError || error instanceof HubError) throw error;
      if (error instanceof HubApiError) throw explained(error, model.id, access);
      if (file.getSize() > before) tries = 0;
      if (tries >= retryDelays.length) throw lost(remote, file, error);
      await pause(retryDelays[tries++], access.signal);
    }
  }
  file.flush();
  onProgress?.(remote.size);
  if (hash.hex() === remote.hash.hex) return;
  file.truncate(0);
  throw new HubError(
    `${remote.name} was downloaded, but it is not the file that the Hub announced: its hash differs. It was thrown away; the other files are kept. Download again; if it stays so, the connection or the mirror changes files.`,
  );
}

interface Body {
  stream: ReadableStream<Uint8Array>;
  /** The server does not know ranges: the file comes from its beginning. */
  restarts: boolean;
}

/** @throws HubApiError for an answer that is an error, TypeError when there is no connection */
async function request(
  { id, revision }: HubModel,
  { name }: HubFile,
  begin: number,
  access: HubAccess,
): Promise<Body> {
  const { hubUrl = HUB_URL, accessToken, signal } = access;
  const url = `${hubUrl}/${id}/resolve/${encodeURIComponent(revision)}/${encodeURIComponent(name)}`;
  const response = await fetch(url, {
    signal,
    // A compressed answer would have other positions.
    headers: {
      Range: `bytes=${begin}-`,
      ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
    },
  });
  const { status, body } = response;
  // What is wrong for the moment may be right after a pause.
  if (status >= 500) throw new TypeError(`the server answered ${status}`);
  if (!response.ok) throw new HubApiError(url, status);
  if (!body) throw new TypeError('the answer has no body');
  const first = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (status === 206 && first !== undefined && Number(first) !== begin)
    throw new TypeError('the server sent another part than was asked for');
  return { stream: body, restarts: status !== 206 && begin > 0 };
}

async function append(
  stream: ReadableStream<Uint8Array>,
  { name, size }: HubFile,
  file: SyncFile,
  hash: Hash,
  onProgress?: (bytes: number) => void,
): Promise<void> {
  const reader = stream.getReader();
  let at = file.getSize();
  let unflushed = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) {
        file.truncate(0);
        throw new HubError(
          `${name} is longer than the ${size} bytes that the Hub announced. It was thrown away; the other files are kept. Download again.`,
        );
      }
      write(file, value, at, name);
      hash.update(value);
      at += value.length;
      unflushed += value.length;
      if (unflushed >= FLUSH_BYTES) {
        file.flush();
        unflushed = 0;
      }
      onProgress?.(at);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
    file.flush();
  }
}

/** @throws StoreError when there is no room; the file then ends where it did before */
export function write(file: SyncFile, bytes: Uint8Array, at: number, name: string): void {
  let why: unknown;
  try {
    if (file.write(bytes, { at }) === bytes.length) return;
  } catch (error) {
    why = error;
  }
  file.truncate(at);
  const full =
    why === undefined || (why instanceof Error && /Quota|ENOSPC/.test(`${why.name} ${why.message}`));
  throw new StoreError(
    full
      ? `There is no room for the rest of ${name}: the storage that the browser gives this page is used up, or the disk is full. The first ${at} bytes are kept. Delete models, runs or other files, then continue.`
      : `${name} could not be written (${why instanceof Error ? why.message : String(why)}). The first ${at} bytes are kept. Continue the download.`,
    { cause: why },
  );
}

/** The hash of what is here already. */
function rehash(remote: HubFile, file: SyncFile): Hash {
  const hash = hashOf(remote);
  const size = file.getSize();
  const buffer = new Uint8Array(Math.min(size, READ_BYTES));
  for (let at = 0; at < size;) {
    const count = file.read(buffer, { at });
    if (count === 0) break;
    hash.update(buffer.subarray(0, count));
    at += count;
  }
  return hash;
}

function lost({ name, size }: HubFile, file: SyncFile, error: unknown): HubError {
  return new HubError(
    `The connection ended at ${file.getSize()} of ${size} bytes of ${name} (${error instanceof Error ? error.message : String(error)}). What came is kept: continue when the connection is back.`,
    { cause: error },
  );
}

/** @throws the reason of the signal */
function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    });
  });
}
