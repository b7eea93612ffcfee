/** Model directories that a person brought, in the browser's origin private file system (OPFS): one folder each. */
import { z } from 'zod';
import { blobSource, type FileSource } from '../model/source';
import { nameOf, usage } from './browser';
import { describe, quote } from './rules';
import type { SyncFile } from './sync-file';
import { StoreError } from './types';

const fileSchema = z.object({
  name: z.string(),
  size: z.int().min(0),
  hash: z.object({ algorithm: z.enum(['sha256', 'git']), hex: z.string() }).optional(),
  /** All of it is here and is what it should be. */
  complete: z.boolean(),
});

const recordSchema = z.object({
  /** The folder. */
  id: z.string(),
  /** Unique among the stored ones: experiments name a model by it. */
  name: z.string(),
  source: z.enum(['hub', 'files', 'run']),
  /** Of a model from the Hub: where, and the commit. */
  hubUrl: z.string().optional(),
  revision: z.string().optional(),
  addedAt: z.number(),
  files: z.array(fileSchema),
});
export type ModelRecord = z.output<typeof recordSchema>;
export type ModelFileRecord = ModelRecord['files'][number];

export type NewModel = Omit<ModelRecord, 'id' | 'addedAt'>;

const FOLDER = 'models';
const RECORD = 'model.json';
export const MAX_MODEL_NAME = 200;

export const isComplete = ({ files }: ModelRecord): boolean => files.every(({ complete }) => complete);
export const bytesOf = ({ files }: ModelRecord): number => files.reduce((sum, { size }) => sum + size, 0);

/** What TypeScript's page library leaves out: it exists in workers only. */
type WorkerFileHandle = FileSystemFileHandle & {
  createSyncAccessHandle(): Promise<SyncFile & { close(): void }>;
};

/** Reading and deleting work everywhere, writing files in a dedicated worker only. All methods reject with `StoreError`. */
export class ModelStore {
  /** By name. Folders without a readable record are left out: they are being made or deleted. */
  async list(): Promise<ModelRecord[]> {
    const models: ModelRecord[] = [];
    const root = await this.root();
    for await (const folder of root.values()) {
      if (folder.kind !== 'directory') continue;
      const record = await readRecord(folder);
      if (record) models.push(record);
    }
    return models.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async find(name: string): Promise<ModelRecord | undefined> {
    return (await this.list()).find((model) => model.name === name);
  }

  /** Rejects when the name is empty, too long or taken. */
  async create(model: NewModel): Promise<ModelRecord> {
    const name = model.name.trim();
    if (name === '' || name.length > MAX_MODEL_NAME)
      throw new StoreError(`A model’s name has 1 to ${MAX_MODEL_NAME} characters. Nothing was stored.`);
    if (await this.find(name))
      throw new StoreError(
        `There is a model ${quote(name)} already. Nothing was stored: choose another name, or delete that one.`,
      );
    const record = { ...model, name, id: crypto.randomUUID(), addedAt: Date.now() };
    const folder = await (await this.root()).getDirectoryHandle(record.id, { create: true });
    await writeRecord(folder, record);
    return record;
  }

  async update(record: ModelRecord): Promise<void> {
    await writeRecord(await this.folder(record), record);
  }

  /** Also what of it is here by half. Deleting one that is not there is no error. */
  async remove(id: string): Promise<void> {
    try {
      await (await this.root()).removeEntry(id, { recursive: true });
    } catch (error) {
      if (nameOf(error) === 'NotFoundError') return;
      throw new StoreError(
        `The model could not be deleted (${describe(error)}). It is kept. If it is being downloaded or used, in another tab perhaps, stop that and delete it again.`,
        { cause: error },
      );
    }
  }

  /** Opens a file to write it; one writer at a time. */
  async open(record: ModelRecord, name: string): Promise<SyncFile> {
    try {
      const file = await (await this.folder(record)).getFileHandle(name, { create: true });
      return await (file as WorkerFileHandle).createSyncAccessHandle();
    } catch (error) {
      throw new StoreError(
        nameOf(error) === 'NoModificationAllowedError'
          ? `${quote(record.name)} is being downloaded in another tab. Nothing was changed here.`
          : `${name} of ${quote(record.name)} cannot be written (${describe(error)}${await usage()}). What is stored is kept.`,
        { cause: error },
      );
    }
  }

  /** The files that are complete. */
  async source(record: ModelRecord): Promise<FileSource> {
    const folder = await this.folder(record);
    const files = new Map<string, Blob>();
    for (const { name, size, complete } of record.files) {
      if (!complete) continue;
      const file = await folder
        .getFileHandle(name)
        .then((handle) => handle.getFile())
        .catch(() => undefined);
      if (file?.size !== size)
        throw new StoreError(
          `${name} of the model ${quote(record.name)} is no longer as it was stored. Delete the model and bring it again; runs keep their results.`,
        );
      files.set(name, file);
    }
    return blobSource(files);
  }

  private async root(): Promise<FileSystemDirectoryHandle> {
    try {
      const root = await navigator.storage.getDirectory();
      return await root.getDirectoryHandle(FOLDER, { create: true });
    } catch (error) {
      throw new StoreError(
        `This browser does not let the page store models (${describe(error)}). In a private window that is so; use an ordinary one.`,
        { cause: error },
      );
    }
  }

  private async folder({ id, name }: ModelRecord): Promise<FileSystemDirectoryHandle> {
    try {
      return await (await this.root()).getDirectoryHandle(id);
    } catch (error) {
      throw new StoreError(`The model ${quote(name)} was deleted meanwhile. Bring it again.`, {
        cause: error,
      });
    }
  }
}

async function readRecord(folder: FileSystemDirectoryHandle): Promise<ModelRecord | undefined> {
  try {
    const file = await (await folder.getFileHandle(RECORD)).getFile();
    return recordSchema.safeParse(JSON.parse(await file.text())).data;
  } catch {
    return undefined;
  }
}

/** Replaces the record at once: a reader sees the old one or the new. */
async function writeRecord(folder: FileSystemDirectoryHandle, record: ModelRecord): Promise<void> {
  try {
    const file = await folder.getFileHandle(RECORD, { create: true });
    const stream = await file.createWritable();
    await stream.write(JSON.stringify(record));
    await stream.close();
  } catch (error) {
    throw new StoreError(
      `The model ${quote(record.name)} could not be noted (${describe(error)}${await usage()}). What was stored is kept. Make room and try again.`,
      { cause: error },
    );
  }
}
