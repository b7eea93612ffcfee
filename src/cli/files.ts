/** Model directories and JSON documents on disk. Node only. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { openModel, openModelDirectory, type ModelDirectory, type ModelFiles } from '../model/directory';
import { exportedFiles, type ExportType } from '../model/export';
import { ModelFileError } from '../model/errors';
import type { Tensor } from '../model/safetensors';
import { WEIGHTS_FILE } from '../model/shards';
import type { FileSource } from '../model/source';
import { tensorWeights, type WeightSource } from '../model/weights';
import { ifMissing, TEMPORARY } from '../store/files';
import { StoreError } from '../store/types';
import { CliError } from './output';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

/** `public/models` of the working directory and of the lab itself, whether it runs from its sources or its bundle. */
function modelShelves(): string[] {
  const shelf = (folder: string) => join(folder, 'public', 'models');
  let root = import.meta.dirname;
  while (!existsSync(shelf(root)) && dirname(root) !== root) root = dirname(root);
  return [...new Set([shelf(process.cwd()), shelf(root)])].filter(isFolder);
}

/**
 * The absolute path of a model directory: an existing folder, or the name of one in `public/models`.
 * @throws CliError listing the models there are
 */
export function findModelFolder(path: string): string {
  const shelves = modelShelves();
  const found = [resolve(path), ...shelves.map((shelf) => resolve(shelf, path))].find(isFolder);
  if (found) return found;
  const names = [...new Set(shelves.flatMap((shelf) => readdirSync(shelf)))].sort();
  throw new CliError(
    `There is no model directory "${path}". Name a folder with config.json and model.safetensors` +
      (names.length ? `, or one of: ${names.join(', ')}.` : '.'),
  );
}

/** The files of a folder, opened for each read alone; a rejection says which file and why. */
export function folderSource(folder: string): FileSource {
  const explained = async <T>(path: string, body: Promise<T>): Promise<T> => {
    try {
      return await body;
    } catch (error) {
      throw new Error(why(error, path), { cause: error });
    }
  };
  return {
    async size(name) {
      const path = join(folder, name);
      const file = await explained(path, stat(path).catch(ifMissing));
      return file?.isFile() ? file.size : undefined;
    },
    read: (name, begin, end) => explained(join(folder, name), readPart(join(folder, name), begin, end)),
  };
}

async function readPart(path: string, begin: number, end: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(end - begin);
    for (let done = 0; done < bytes.length;) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, begin + done);
      if (bytesRead === 0) return bytes.subarray(0, done);
      done += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}

/** Why a file cannot be read, in words. */
export function why(error: unknown, path: string): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no file ${path}`;
  if (code === 'EISDIR') return `${path} is a folder, not a file`;
  if (code === 'EACCES') return `${path} may not be read by this user`;
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}

/** @throws CliError, ModelFileError, UnsupportedModelError */
export const loadModelDirectory = (path: string): Promise<ModelDirectory> =>
  openModelDirectory(folderSource(findModelFolder(path)));

/** Without the tokenizer's files, which need not be there. @throws CliError, ModelFileError, UnsupportedModelError */
export const loadModel = (path: string): Promise<ModelFiles> =>
  openModel(folderSource(findModelFolder(path)));

/** The text of a file that the person named. @throws CliError */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new CliError(`The file cannot be read: ${why(error, path)}.`, { cause: error });
  }
}

/** @throws CliError when it cannot be read */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(path));
  } catch (error) {
    throw new CliError(`The file cannot be read: ${why(error, path)}.`, { cause: error });
  }
}

/** A JSON document that the person named. @throws CliError */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readText(path);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new CliError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}.`, {
      cause: error,
    });
  }
}

export interface WriteOptions {
  type?: ExportType;
  /** Texts of further files. */
  others?: Readonly<Record<string, string>>;
  /** What is told of the weights when the folder cannot be written. */
  kept?: string;
}

/**
 * Writes a Hugging Face model directory: these weights, a part of a tensor at a time, and the other files as `base` has them.
 * @throws CliError when the folder cannot be written; ModelFileError when a file of the base cannot be read, or a weight is
 * not finite: then there is no file of weights; what `weights.read` throws
 */
export async function writeModelDirectory(
  folder: string,
  base: string,
  weights: WeightSource | ReadonlyMap<string, Tensor>,
  {
    type = 'float32',
    others = {},
    kept = 'Its checkpoint is kept: mend the folder and give the same command (or resume) again.',
  }: WriteOptions = {},
): Promise<void> {
  const source = 'read' in weights ? weights : tensorWeights(weights, WEIGHTS_FILE);
  const files = await exportedFiles(folderSource(base), source, type);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(others)) await writeFile(join(folder, name), text);
    for (const { name, parts } of files) await writeAtOnce(join(folder, name), parts);
  } catch (error) {
    if (error instanceof ModelFileError || error instanceof StoreError) throw error;
    throw new CliError(
      `The trained model could not be written to ${folder}: ${error instanceof Error ? error.message : String(error)}. ` +
        kept,
      { cause: error },
    );
  }
}

/** Replaces the file by a whole one, or leaves what was there. */
async function writeAtOnce(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await writeFile(path + TEMPORARY, parts);
    await rename(path + TEMPORARY, path);
  } catch (error) {
    await rm(path + TEMPORARY, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Files beside the trained model, in a folder that is made for them. @throws CliError when it cannot be written */
export async function writeFiles(
  folder: string,
  files: readonly { name: string; bytes: Uint8Array }[],
): Promise<void> {
  try {
    if (files.length) await mkdir(folder, { recursive: true });
    for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
  } catch (error) {
    throw new CliError(
      `${folder} could not be written: ${error instanceof Error ? error.message : String(error)}. Its checkpoint is kept: mend the folder and give the same command (or resume) again.`,
      { cause: error },
    );
  }
}
