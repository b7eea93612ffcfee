/** A stored run as one file: a zip that the lab takes in again, or a page to read. Node only. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { readExperiment } from '../lab/schema';
import { contentsOf, writeRunFile, type RunContents } from '../share/run-file';
import { TEMPORARY } from '../store/files';
import { FolderStore } from '../store/folder';
import { importFile } from './dataset';
import { findModelFolder, folderSource, readText } from './files';
import { CliError } from './output';

/** @throws StoreError when the folder holds no run */
export async function contentsOfFolder(dir: string): Promise<RunContents> {
  const store = new FolderStore(dir);
  return contentsOf(store, (await store.run()).id);
}

/**
 * Writes the run's zip, at once or not at all.
 * @returns what is missing in it, for the person
 * @throws StoreError, CliError
 */
export async function writeRunZip(
  dir: string,
  out: string,
): Promise<{ step: number; notes: readonly string[] }> {
  const contents = await contentsOfFolder(dir);
  const path = readExperiment(contents.run.experiment)?.model.path;
  const base = path === undefined ? undefined : baseOf(path);
  const questions = async (file: string) => (await importFile(file)).problems;
  const { response, notes } = writeRunFile(contents, base, questions, readText);
  await written(out, Readable.fromWeb(response.body as ReadableStream));
  return { step: contents.run.step, notes };
}

function baseOf(path: string) {
  try {
    return folderSource(findModelFolder(path));
  } catch (error) {
    if (error instanceof CliError) return undefined;
    throw error;
  }
}

/** @throws CliError when the file cannot be written; what was there before is then still there */
export async function written(out: string, content: string | Readable): Promise<void> {
  try {
    await writeFile(out + TEMPORARY, content);
    await rename(out + TEMPORARY, out);
  } catch (error) {
    await rm(out + TEMPORARY, { force: true }).catch(() => undefined);
    throw new CliError(
      `${out} could not be written: ${error instanceof Error ? error.message : String(error)}. The run is kept. Name a file in a folder that can be written.`,
      { cause: error },
    );
  }
}
