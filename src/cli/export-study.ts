/** A run or an experiment written for another framework. Node only. */
import { statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseExperiment, type Experiment } from '../lab/schema';
import { openTrained } from '../lab/trained';
import { CHAT_TEMPLATE, openModelDirectory } from '../model/directory';
import { chunksOf, copiedFiles, exportStudy, studyOf, type Framework } from '../share/export';
import { FolderStore } from '../store/folder';
import type { RunStore } from '../store/types';
import { prepareWithFile } from './dataset';
import { loadExperiment } from './experiment';
import { findModelFolder, folderSource, writeModelDirectory } from './files';
import { CliError } from './output';

export interface StudyOptions {
  out: string;
  to: Framework;
  weights: 'base' | 'newest';
}

/**
 * Writes the study's files and its model directory.
 * @param name the folder of a run, a preset or the path of an experiment
 * @returns how many files were written, and the step of the weights, 0 of the base model
 * @throws CliError, ExperimentError, StoreError, ModelFileError; files written before are kept
 */
export async function writeStudy(
  name: string,
  options: StudyOptions,
): Promise<{ files: number; step: number }> {
  const { out, to, weights } = options;
  const { experiment, run } = await named(name);
  const folder = findModelFolder(experiment.model.path);
  const source = folderSource(folder);
  const model = await openModelDirectory(source);
  const prepared = await prepareWithFile(experiment, model);
  const trained =
    weights === 'newest' && run ? await openTrained(run.store, run.id, model, experiment) : undefined;
  if (weights === 'newest' && !trained)
    throw new CliError(`${name} holds no checkpoint, so there are no trained weights. Give --weights base.`);
  const texts = exportStudy(to, await studyOf(prepared, run));

  const modelFolder = join(out, 'model');
  if (trained) {
    await writeModelDirectory(modelFolder, folder, trained.weights, {
      kept: 'The run is kept: mend the folder and export again.',
    });
    await rm(join(modelFolder, CHAT_TEMPLATE), { force: true });
  } else {
    for (const file of await copiedFiles(source, model.weights))
      await written(join(modelFolder, file), chunksOf(source, file));
  }
  for (const { path, text } of texts) await written(join(out, ...path.split('/')), text);
  return { files: texts.length, step: trained?.step ?? 0 };
}

async function named(
  name: string,
): Promise<{ experiment: Experiment; run?: { store: RunStore; id: string } }> {
  if (!statSync(name, { throwIfNoEntry: false })?.isDirectory())
    return { experiment: await loadExperiment(name) };
  const store = new FolderStore(name);
  const { id, experiment } = await store.run();
  return { experiment: parseExperiment(experiment), run: { store, id } };
}

async function written(path: string, content: string | AsyncIterable<Uint8Array>): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (error) {
    throw new CliError(
      `${path} could not be written: ${error instanceof Error ? error.message : String(error)}. What was written before is kept: mend the folder and export again.`,
      { cause: error },
    );
  }
}
