/** The checkpoints of a run's folder: a folder each, `<generation>-step-<step>`, which is there as a whole or not at all. */
import { mkdir, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openVerified, packCheckpoint, unpackCheckpoint, type Manifest, type ReadChunk } from './checkpoint';
import { TEMPORARY, ifMissing, readAt, syncDirectory, withFile, writeSynced } from './files';
import { checkpointName, type Generation } from './head';
import type { Checkpoint, StoredCheckpoint } from './types';

const MANIFEST = 'manifest.json';
const ARRAYS = 'arrays.bin';

export class CheckpointFolders {
  /** @param chunkBytes size of a checkpoint's chunk, a multiple of 4 */
  constructor(
    private readonly dir: string,
    private readonly chunkBytes: number,
  ) {}

  /** The files of a checkpoint, which a head may count once they are there. */
  async write(generation: Generation, checkpoint: Checkpoint): Promise<void> {
    const target = this.path(generation);
    const temporary = target + TEMPORARY;
    for (const leftover of [target, temporary]) await rm(leftover, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    let manifest: Manifest | undefined;
    await writeSynced(join(temporary, ARRAYS), async (file) => {
      manifest = await packCheckpoint(checkpoint, (chunk) => file.appendFile(chunk), this.chunkBytes);
    });
    await writeSynced(join(temporary, MANIFEST), (file) => file.writeFile(JSON.stringify(manifest) + '\n'));
    await syncDirectory(temporary);
    await rename(temporary, target);
    await syncDirectory(this.dir);
  }

  async read(generation: Generation): Promise<Checkpoint> {
    const manifest = await this.manifest(generation);
    return withFile(this.path(generation, ARRAYS), 'r', (file) =>
      unpackCheckpoint(manifest, (place) => readAt(file, place)),
    );
  }

  /** Verified, with these arrays to be read later, part by part. */
  async open(generation: Generation, arrays: readonly string[]): Promise<StoredCheckpoint> {
    const read: ReadChunk = (place) =>
      withFile(this.path(generation, ARRAYS), 'r', (file) => readAt(file, place));
    return openVerified(await this.manifest(generation), read, arrays);
  }

  async bytes(generation: Generation): Promise<number> {
    return (await stat(this.path(generation, ARRAYS)).catch(ifMissing))?.size ?? 0;
  }

  /** Removes the checkpoints, finished or not, that are not among `keep`. */
  async sweep(keep: readonly Generation[]): Promise<void> {
    const wanted = new Set(keep.map(checkpointName));
    const names = (await readdir(this.dir).catch(ifMissing)) ?? [];
    const ours = names.filter((name) => /^\d+-step-\d+(\.tmp)?$/.test(name));
    for (const name of ours)
      if (!wanted.has(name)) await rm(join(this.dir, name), { recursive: true, force: true });
  }

  private path(generation: Generation, ...names: string[]): string {
    return join(this.dir, checkpointName(generation), ...names);
  }

  private async manifest(generation: Generation): Promise<unknown> {
    return JSON.parse(await readFile(this.path(generation, MANIFEST), 'utf8')) as unknown;
  }
}
