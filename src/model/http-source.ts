import type { FileSource } from './source';

/**
 * Files that a web server offers under one address. Where it honours ranges only what is asked for is fetched; where it
 * does not, or compresses the file, it is fetched once and kept as a `Blob`, which the browser may put on disk.
 * @param base ends with a slash
 */
export function httpSource(base: URL): FileSource {
  /** Size of each file that is read by ranges, or the file itself. */
  const files = new Map<string, Promise<number | Blob | undefined>>();

  const request = (name: string, begin: number, end: number) =>
    fetch(new URL(encodeURIComponent(name), base), {
      headers: { Range: `bytes=${begin}-${end - 1}` },
    });

  const look = async (name: string): Promise<number | Blob | undefined> => {
    const response = await request(name, 0, 1);
    // A server of single-page applications answers with its page for files that are not there.
    const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
    if (response.status === 404 || (response.ok && isPage)) return undefined;
    if (response.status === 416) return 0;
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const total = /^bytes 0-0\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    return response.status === 206 && total !== undefined ? Number(total) : response.blob();
  };

  const open = (name: string) => {
    let file = files.get(name);
    if (!file) {
      file = look(name);
      files.set(name, file);
      file.catch(() => files.delete(name));
    }
    return file;
  };

  return {
    async size(name) {
      const file = await open(name);
      return file instanceof Blob ? file.size : file;
    },
    async read(name, begin, end) {
      const file = await open(name);
      if (file === undefined) throw new Error('there is no such file');
      if (file instanceof Blob) return new Uint8Array(await file.slice(begin, end).arrayBuffer());
      const response = await request(name, begin, end);
      if (response.status !== 206) throw new Error(`the server answered ${response.status} to a range`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
