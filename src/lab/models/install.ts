/** Models into the browser's storage: from the Hub, from a person's files, from a run. */
import { openModelDirectory } from '../../model/directory';
import { ModelFileError, UnsupportedModelError } from '../../model/errors';
import type { ExportedFile } from '../../model/export';
import { blobSource } from '../../model/source';
import { requireRoom } from '../../store/browser';
import { bytesOf, isComplete, type ModelRecord, type ModelStore, type NewModel } from '../../store/models';
import { write } from '../hub/download';
import { installModel, type DownloadProgress, type ModelFolder } from '../hub/install';
import { findModel, neededFiles, type HubAccess, type HubModel } from '../hub/repository';
import { SHIPPED_MODELS } from './named';
import type { HubRequest, LocalFile } from './protocol';

type OnProgress = (progress: DownloadProgress) => void;

const COPY_BYTES = 2 ** 22;

/** @throws HubError, StoreError, ModelFileError, UnsupportedModelError; the reason of `signal` */
export async function installFromHub(
  store: ModelStore,
  { id, revision, ...access }: HubRequest,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ModelRecord> {
  const name = revision === 'main' ? id : `${id}@${revision}`;
  const hub: HubAccess = { ...access, signal };
  const known = await store.find(name);
  const record =
    known && !isComplete(known)
      ? known
      : await announce(store, name, await findModel(id, revision, hub), access.hubUrl);
  const folder = new StoredFolder(store, record);
  await requireRoom(bytesOf(record) - folder.completeBytes, name);
  const model: HubModel = { id, revision: record.revision ?? revision, files: record.files.flatMap(hashed) };
  try {
    await installModel(model, folder, folder.complete, hub, onProgress);
  } catch (error) {
    // To download it again would not help.
    if (error instanceof ModelFileError || error instanceof UnsupportedModelError)
      await store.remove(record.id);
    throw error;
  }
  return folder.record;
}

const hashed = ({ name, size, hash }: ModelRecord['files'][number]) => (hash ? [{ name, size, hash }] : []);

function announce(store: ModelStore, name: string, { revision, files }: HubModel, hubUrl: string) {
  return create(store, {
    name,
    source: 'hub',
    hubUrl,
    revision,
    files: files.map((file) => ({ ...file, complete: false })),
  });
}

/** @throws ModelFileError or UnsupportedModelError before anything is copied; StoreError */
export async function installFiles(
  store: ModelStore,
  name: string,
  local: readonly LocalFile[],
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ModelRecord> {
  const all = new Map(local.map(({ name: file, file: blob }) => [file, blob]));
  await openModelDirectory(blobSource(all));
  const files = (neededFiles([...all.keys()]) ?? []).map((file) => ({
    name: file,
    parts: partsOf(all.get(file)!),
  }));
  const size = files.reduce((sum, file) => sum + all.get(file.name)!.size, 0);
  return installParts(store, { name, source: 'files' }, files, size, signal, onProgress);
}

async function* partsOf(blob: Blob): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < blob.size; at += COPY_BYTES)
    yield new Uint8Array(await blob.slice(at, at + COPY_BYTES).arrayBuffer());
}

/** @throws StoreError */
export const installExport = (
  store: ModelStore,
  name: string,
  files: readonly ExportedFile[],
  size: number,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ModelRecord> => installParts(store, { name, source: 'run' }, files, size, signal, onProgress);

interface PartedFile {
  name: string;
  parts: AsyncIterable<Uint8Array>;
}

/** @param size of all files, about */
async function installParts(
  store: ModelStore,
  model: Omit<NewModel, 'files'>,
  files: readonly PartedFile[],
  size: number,
  signal: AbortSignal,
  onProgress: OnProgress,
): Promise<ModelRecord> {
  await requireRoom(size, model.name);
  const listed = files.map(({ name }) => ({ name, size: 0, complete: false }));
  const folder = new StoredFolder(store, await create(store, { ...model, files: listed }));
  try {
    let bytes = 0;
    for (const { name, parts } of files) {
      const file = await folder.open(name);
      let at = 0;
      try {
        for await (const part of parts) {
          signal.throwIfAborted();
          write(file, part, at, name);
          at += part.length;
          bytes += part.length;
          onProgress({ file: name, fileBytes: at, fileSize: at, bytes, size: Math.max(size, bytes) });
        }
        file.flush();
      } finally {
        file.close();
      }
      await folder.completed(name, at);
    }
    return folder.record;
  } catch (error) {
    await store.remove(folder.record.id);
    throw error;
  }
}

/** @throws StoreError for a name that is taken, by a model of the lab's own too */
function create(store: ModelStore, model: NewModel): Promise<ModelRecord> {
  const name = SHIPPED_MODELS.includes(model.name.trim()) ? `${model.name.trim()} (own)` : model.name;
  return store.create({ ...model, name });
}

/** A model's folder in the store, and its record as it is now. */
class StoredFolder implements ModelFolder {
  constructor(
    private readonly store: ModelStore,
    public record: ModelRecord,
  ) {}

  get complete(): ReadonlySet<string> {
    return new Set(this.record.files.filter(({ complete }) => complete).map(({ name }) => name));
  }

  get completeBytes(): number {
    return this.record.files.reduce((sum, { size, complete }) => sum + (complete ? size : 0), 0);
  }

  open(name: string) {
    return this.store.open(this.record, name);
  }

  async completed(name: string, size?: number): Promise<void> {
    const files = this.record.files.map((file) =>
      file.name === name ? { ...file, size: size ?? file.size, complete: true } : file,
    );
    this.record = { ...this.record, files };
    await this.store.update(this.record);
  }

  source() {
    return this.store.source(this.record);
  }
}
