/**
 * Files on their way to a person: written in the browser's origin private file system (OPFS) as they are made, so that what
 * is handed over lies on the disk and never in memory.
 */
import { requireRoom } from './browser';
import { describe } from './rules';
import type { SyncFile } from './sync-file';
import { StoreError } from './types';

const FOLDER = 'outbox';

/** The browser copies a file while it is downloaded, and does not tell when it is done. */
const KEPT_MS = 3_600_000;

/** What TypeScript's page library leaves out: it exists in workers only. */
type WorkerFileHandle = FileSystemFileHandle & { createSyncAccessHandle(): Promise<SyncFile> };

/**
 * Writes a file and gives it as it lies on the disk, for an hour; in memory where a browser has no such file system. In a
 * dedicated worker only.
 * @param bytes of the whole, about
 * @throws StoreError when there is no room; the reason of `signal`; what `content` fails with
 */
export async function onDisk(
  content: ReadableStream<Uint8Array>,
  bytes: number,
  type: string,
  signal?: AbortSignal,
): Promise<Blob> {
  const folder = await outbox().catch(() => undefined);
  if (!folder) return new Response(content, { headers: { 'Content-Type': type } }).blob();
  await sweep(folder);
  await requireRoom(bytes, 'The file');
  const name = `${Date.now()}-${crypto.randomUUID()}`;
  const handle = await folder.getFileHandle(name, { create: true });
  try {
    const file = await (handle as WorkerFileHandle).createSyncAccessHandle();
    try {
      await write(file, content, signal);
    } finally {
      file.close();
    }
    return new Blob([await handle.getFile()], { type });
  } catch (error) {
    await folder.removeEntry(name).catch(() => undefined);
    throw error;
  }
}

async function write(
  file: SyncFile,
  content: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const reader = content.getReader();
  try {
    for (let at = 0; ;) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) break;
      put(file, value, at);
      at += value.length;
    }
    file.flush();
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    throw error;
  }
}

function put(file: SyncFile, bytes: Uint8Array, at: number): void {
  let why = 'no room';
  try {
    if (file.write(bytes, { at }) === bytes.length) return;
  } catch (error) {
    why = describe(error);
  }
  throw new StoreError(
    `The file could not be written beyond ${at} bytes (${why}). What is stored is kept. Delete models or runs, or free room on the disk, and try again.`,
  );
}

async function outbox(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(FOLDER, { create: true });
}

/** Removes what was handed over long ago, in this tab or another. */
async function sweep(folder: FileSystemDirectoryHandle): Promise<void> {
  for await (const name of folder.keys())
    if (Date.now() - Number.parseInt(name) > KEPT_MS) await folder.removeEntry(name).catch(() => undefined);
}
