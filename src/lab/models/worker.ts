/** Brings models in and out beside the page: files are written in place, which only a worker may. */
import { downloadZip } from 'client-zip';
import { expose } from 'comlink';
import { openModel } from '../../model/directory';
import { exportedFiles, type ExportedFile, type ExportType } from '../../model/export';
import { openIndexedDbStore, StoreError } from '../../store';
import { ModelStore } from '../../store/models';
import { readExperiment } from '../schema';
import { trainedAdapter, trainedTensors } from '../trained';
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
 * The files of a run's newest checkpoint, how many bytes its weights have, and PEFT's files of the adapter, if it trains one.
 * @throws StoreError, ExperimentError, ModelFileError
 */
async function filesOfRun(
  runId: string,
  type: ExportType,
): Promise<{ files: ExportedFile[]; size: number; adapter: ReturnType<typeof trainedAdapter> }> {
  const runs = await openIndexedDbStore();
  const run = await runs.getRun(runId);
  const experiment = readExperiment(run?.experiment);
  if (!experiment)
    throw new StoreError('This run is no longer stored, or not readable. Nothing was written.');
  const checkpoint = await runs.latestCheckpoint(runId);
  if (!checkpoint)
    throw new StoreError('This run has no checkpoint yet, so there is no model to write. Let it go on.');
  // The name of this worker is the page's address.
  const base = await namedSource(experiment.model.path, self.name);
  const model = await openModel(base);
  const tensors = await trainedTensors(model, experiment.training, checkpoint);
  const values = [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0);
  return {
    files: await exportedFiles(base, tensors, type),
    size: values * (type === 'float32' ? 4 : 2),
    adapter: trainedAdapter(model.config, experiment, checkpoint),
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
    job(async () => {
      const { files, adapter } = await filesOfRun(runId, type);
      const beside = adapter.map(({ name, bytes }) => ({ name: `adapter/${name}`, parts: [bytes] }));
      const entries = [...files, ...beside].map(({ name, parts }) => ({
        name: `${folder}/${name}`,
        input: new Blob([...parts]),
      }));
      return downloadZip(entries).blob();
    }),
  stop: () => {
    active?.abort(new Error('Stopped. What was downloaded is kept.'));
    return Promise.resolve();
  },
};

expose(api);
