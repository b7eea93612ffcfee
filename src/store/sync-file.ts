/**
 * A file that is written in place: what `FileSystemFileHandle.createSyncAccessHandle` of the browser's private file system
 * gives in a worker, and the same over a file of Node. What was written before a crash stays.
 */
export interface SyncFile {
  /** Bytes read into `buffer`, fewer than it holds at the end of the file. */
  read(buffer: Uint8Array, options: { at: number }): number;
  /** Bytes written. */
  write(buffer: Uint8Array, options: { at: number }): number;
  getSize(): number;
  truncate(size: number): void;
  /** Waits until everything is on disk. */
  flush(): void;
  /** Another can open the file from then on. */
  close(): void;
}
