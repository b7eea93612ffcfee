/** Brings models in and out beside the page: files are written in place, which only a worker may. */
import { downloadZip } from 'client-zip';
import { expose } from 'comlink';
import { openModel } from '../../model/directory';
import { exportedFile, exportedFiles, type ExportedFile, type ExportType } from '../../model/export';
import { openIndexedDbStore, StoreError } from '../../store';
import { ModelStore } from '../../store/models';
import { onDisk } from '../../store/outbox';
import { readExperiment } from '../schema';
import { openTrained } from '../trained';
import { installExport, installFiles, installFromHub } from './install';
import { namedSource } from './named';
import type { DownloadProgress, ModelsApi } from './protocol';

const store = new ModelStore();
let active: AbortController | undefined;

/** One job at a time; a second tab waits for nobody, it is refused by the store. */
async function job<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  if (active) throw new Error('Another model is on its way. Stop it, or wait for its end.');
  const control = (active = new AbortController());
  try {
    return await work(control.signal);
  } finally {
    active = undefined;
  }
}

/** Passes the newest on at most five times a second, and the end of each file at once. */
function throttled(listener: (progress: DownloadProgress) => void): (progress: DownloadProgress) => void {
  let newest: DownloadProgress;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const pass = () => {
    clearTimeout(timer);
    timer = undefined;
    listener(newest);
  };
  return (progress) => {
    newest = progress;
    if (progress.fileBytes === progress.fileSize) pass();
    else timer ??= setTimeout(pass, 200);
  };
}

/**
 * The files of a run's newest checkpoint and about how many bytes they have; PEFT's, of an adapter, lie in `adapter/`.
 * @throws StoreError, ExperimentError, ModelFileError
 */
async function filesOfRun(
  runId: string,
  type: ExportType,
): Promise<{ files: ExportedFile[]; adapter: ExportedFile[]; size: number }> {
  const runs = await openIndexedDbStore();
  const run = await runs.getRun(runId);
  const experiment = readExperiment(run?.experiment);
  if (!experiment)
    throw new StoreError('This run is no longer stored, or not readable. Nothing was written.');
  // The name of this worker is the page's address.
  const base = await namedSource(experiment.model.path, self.name);
  const trained = await openTrained(runs, runId, await openModel(base), experiment);
  if (!trained)
    throw new StoreError('This run has no checkpoint yet, so there is no model to write. Let it go on.');
  const { weights, adapter } = trained;
  const bytes = [...weights.entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
  return {
    files: await exportedFiles(base, weights, type),
    adapter: adapter.map(({ name, bytes }) => exportedFile(`adapter/${name}`, () => [bytes])),
    size: type === 'float32' ? bytes : bytes / 2,
  };
}

const api: ModelsApi = {
  download: (request, onProgress) =>
    job((signal) => installFromHub(store, request, signal, throttled(onProgress))),
  addFiles: (name, files, onProgress) =>
    job((signal) => installFiles(store, name, files, signal, throttled(onProgress))),
  addRun: (runId, name, onProgress) =>
    job(async (signal) => {
      const { files, size } = await filesOfRun(runId, 'float32');
      return installExport(store, name, files, size, signal, throttled(onProgress));
    }),
  exportRun: (runId, folder, type) =>
    job(async (signal) => {
      const { files, adapter, size } = await filesOfRun(runId, type);
      const entries = [...files, ...adapter].map(({ name, parts }) => ({
        name: `${folder}/${name}`,
        input: parts,
      }));
      return onDisk(downloadZip(entries).body!, size, 'application/zip', signal);
    }),
  stop: () => {
    active?.abort(new Error('Stopped. What was downloaded is kept.'));
    return Promise.resolve();
  },
};

expose(api);
