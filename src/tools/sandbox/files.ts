/** The interpreter's file system, which lies in memory: code may write files, and the next call finds none of them. */
import type { EmscriptenMemory } from './memory';

interface Node {
  mode: number;
  contents?: Record<string, Node> | Uint8Array;
  stream_ops: Record<string, unknown>;
  node_ops: Record<string, unknown>;
}

/** What is used of Emscripten's file system. https://emscripten.org/docs/api_reference/Filesystem-API.html */
export interface FileSystem {
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
  writeFile(path: string, bytes: Uint8Array, options: { canOwn: boolean }): void;
}

/** A file, or a folder and what it held. */
interface SealedNode {
  node: Node;
  mode: number;
  children?: readonly (readonly [name: string, child: Node])[];
}

function isAsItWas({ node, mode, children }: SealedNode): boolean {
  if (node.mode !== mode) return false;
  if (!children) return true;
  const contents = node.contents as Record<string, Node>;
  return (
    Object.keys(contents).length === children.length &&
    children.every(([name, child]) => contents[name] === child)
  );
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
  private readonly sealed: SealedNode[] = [];
  private readonly streams: readonly (object | null | undefined)[];

  /** @param seal a folder of many files, in which nothing may be added either: it is looked through without paths, which is quick */
  constructor(
    private readonly fs: FileSystem,
    private readonly home: string,
    private readonly seal: string,
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
        this.sealed.every(isAsItWas) &&
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
    if (path === this.seal) this.rememberSealed(node);
    else if (this.fs.isDir(node.mode)) for (const child of this.children(path)) this.remember(child);
    else if (this.fs.isFile(node.mode)) this.protect(node);
  }

  private rememberSealed(node: Node): void {
    const { mode } = node;
    if (!this.fs.isDir(mode)) {
      this.sealed.push({ node, mode });
      return this.protect(node);
    }
    const children = Object.entries(node.contents as Record<string, Node>);
    this.sealed.push({ node, mode, children });
    for (const [, child] of children) this.rememberSealed(child);
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
      if (this.fs.isDir(mode) && path !== this.seal) this.clean(path);
      if (!added) continue;
      if (this.fs.isDir(mode)) this.fs.rmdir(path);
      else this.fs.unlink(path);
    }
  }
}
