/** The interpreter's file system, which lies in memory: code may write files, and the next call finds none of them. */
import type { EmscriptenMemory } from './memory';

interface Node {
  mode: number;
  contents?: Record<string, Node> | Uint8Array;
  stream_ops: Record<string, unknown>;
  node_ops: Record<string, unknown>;
}

/** What is used of Emscripten's file system. https://emscripten.org/docs/api_reference/Filesystem-API.html */
interface FileSystem {
  root: Node;
  streams: (object | null | undefined)[];
  ErrnoError: new (errno: number) => Error;
  isDir(mode: number): boolean;
  isFile(mode: number): boolean;
  lookupPath(path: string): { node: Node };
  readdir(path: string): string[];
  cwd(): string;
  chdir(path: string): void;
  close(stream: object): void;
  unlink(path: string): void;
  rmdir(path: string): void;
}

export interface Emscripten extends EmscriptenMemory {
  FS: FileSystem;
}

/** EROFS of WASI */
const READ_ONLY = 69;

/** Remembers every folder, and forbids writing to the files that are there. */
export class FileSystemImage {
  /** Nodes by path. */
  private readonly nodes = new Map<string, { node: Node; mode: number }>();
  private readonly streams: readonly (object | null | undefined)[];

  constructor(
    private readonly fs: FileSystem,
    private readonly home: string,
  ) {
    this.streams = [...fs.streams];
    this.remember('/');
  }

  /** Removes what was added. @returns whether everything is as it was */
  restore(): boolean {
    const { fs, streams, nodes } = this;
    try {
      for (const [i, stream] of fs.streams.entries()) if (stream && stream !== streams[i]) fs.close(stream);
      fs.chdir(this.home);
      this.clean('/');
      return (
        streams.every((stream, i) => fs.streams[i] === stream) &&
        [...nodes].every(([path, { node, mode }]) => fs.lookupPath(path).node === node && node.mode === mode)
      );
    } catch {
      return false;
    }
  }

  private children(folder: string): string[] {
    return this.fs
      .readdir(folder)
      .filter((name) => name !== '.' && name !== '..')
      .map((name) => `${folder === '/' ? '' : folder}/${name}`)
      .filter((path) => path !== '/proc');
  }

  private remember(path: string): void {
    const { node } = this.fs.lookupPath(path);
    this.nodes.set(path, { node, mode: node.mode });
    if (this.fs.isDir(node.mode)) for (const child of this.children(path)) this.remember(child);
    else if (this.fs.isFile(node.mode)) this.protect(node);
  }

  private protect(node: Node): void {
    const refuse = () => {
      throw new this.fs.ErrnoError(READ_ONLY);
    };
    node.stream_ops = { ...node.stream_ops, write: refuse, allocate: refuse, mmap: refuse };
    node.node_ops = { ...node.node_ops, setattr: refuse };
  }

  private clean(folder: string): void {
    for (const path of this.children(folder)) {
      const { mode } = this.fs.lookupPath(path).node;
      const added = !this.nodes.has(path);
      if (this.fs.isDir(mode)) this.clean(path);
      if (!added) continue;
      if (this.fs.isDir(mode)) this.fs.rmdir(path);
      else this.fs.unlink(path);
    }
  }
}
