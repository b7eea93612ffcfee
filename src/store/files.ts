/** File writing that survives SIGKILL and power loss at any moment. Node only. */
import { constants, open, readFile, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export const TEMPORARY = '.tmp';

/** The system's code of a failed call ("ENOENT"), or undefined. */
export const errorCode = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/** For `catch`: undefined when the file does not exist, everything else goes on. */
export function ifMissing(error: unknown): undefined {
  if (errorCode(error) !== 'ENOENT') throw error;
}

/** Makes the entries of a directory (creations and renames) permanent. Windows does so by itself and refuses the call. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  await withFile(path, 'r', (directory) => directory.sync());
}

/** Replaces the file at once: a reader sees the old text or the new, never a part. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeSynced(path + TEMPORARY, (file) => file.writeFile(text));
  await rename(path + TEMPORARY, path);
  await syncDirectory(dirname(path));
}

/** Creates or empties a file, lets `write` fill it and waits until it is on disk. */
export const writeSynced = (path: string, write: (file: FileHandle) => Promise<void>): Promise<void> =>
  withFile(path, 'w', async (file) => {
    await write(file);
    await file.sync();
  });

/** The bytes from `start`; undefined where the file ends before there are so many. */
export async function readAt(
  file: FileHandle,
  { start, bytes }: { start: number; bytes: number },
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const part = new Uint8Array(bytes);
  let done = 0;
  for (let read = 1; read > 0 && done < bytes; done += read)
    read = (await file.read(part, done, bytes - done, start + done)).bytesRead;
  return done === bytes ? part : undefined;
}

/**
 * The lines among the first `committed` bytes, each with the offset at which it ends. What comes after them was never
 * committed; a line without its end (another program cut the file) is left out.
 */
export async function readLines(path: string, committed: number): Promise<{ text: string; end: number }[]> {
  const bytes = (await readFile(path).catch(ifMissing))?.subarray(0, committed);
  const lines: { text: string; end: number }[] = [];
  if (!bytes) return lines;
  for (let start = 0, end = bytes.indexOf(10); end >= 0; start = end + 1, end = bytes.indexOf(10, start)) {
    lines.push({ text: bytes.toString('utf8', start, end), end: end + 1 });
  }
  return lines;
}

/**
 * Writes `text` (whole lines) after the first `committed` bytes, in place of whatever follows them, and waits until it
 * is on disk. Returns the new number of committed bytes.
 */
export async function appendLines(path: string, committed: number, text: string): Promise<number> {
  if (text === '') return committed;
  const offset = await intactLength(path, committed);
  const bytes = Buffer.from(text);
  await withFile(path, constants.O_RDWR | constants.O_CREAT, async (file) => {
    await file.truncate(offset);
    for (let done = 0; done < bytes.length;) {
      done += (await file.write(bytes, done, bytes.length - done, offset + done)).bytesWritten;
    }
    await file.sync();
  });
  return offset + bytes.length;
}

/** `committed`, or less when the file was cut since: then the length of its whole lines. */
async function intactLength(path: string, committed: number): Promise<number> {
  if (committed === 0) return 0;
  const last = Buffer.alloc(1);
  const read = await withFile(path, 'r', (file) => file.read(last, 0, 1, committed - 1)).catch(ifMissing);
  if (read?.bytesRead === 1 && last[0] === 10) return committed;
  return (await readLines(path, committed)).at(-1)?.end ?? 0;
}

/** @returns what `body` does with the opened file, which is closed however that ends */
export async function withFile<T>(
  path: string,
  flags: string | number,
  body: (file: FileHandle) => Promise<T>,
): Promise<T> {
  const file = await open(path, flags);
  try {
    return await body(file);
  } finally {
    await file.close();
  }
}
