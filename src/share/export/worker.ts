/** Exports and imports beside the page: data and models are put together and zipped, files are read and stored. */
import { downloadZip } from 'client-zip';
import { expose } from 'comlink';
import { prepareRun } from '../../lab/dataset';
import { namedSource } from '../../lab/models/named';
import { ExperimentError, parseExperiment, readExperiment } from '../../lab/schema';
import { openModelDirectory } from '../../model/directory';
import type { FileSource } from '../../model/source';
import { openIndexedDbStore, StoreError, type RunRecord } from '../../store';
import { requireRoom } from '../../store/browser';
import { DatasetStore } from '../../store/datasets';
import { DemonstrationStore } from '../../store/demonstrations';
import { onDisk } from '../../store/outbox';
import { contentsOfLog } from '../logs';
import { reportHtml } from '../report';
import {
  contentsOf,
  placeDataset,
  placeDemonstrations,
  readRunFile,
  storeRun,
  writeRunFile,
  type RunContents,
  type PlacedDataset,
} from '../run-file';
import { chunksOf, copiedFiles, exportStudy, studyOf } from './index';
import type { ExportApi, Imported } from './protocol';
import { slug } from './script';

/** The name of this worker is the page's address. */
const modelSource = (path: string): Promise<FileSource> => namedSource(path, self.name);

const ZIP = 'application/zip';

const demonstrations = (name: string) => new DemonstrationStore().text(name);
const questions = (name: string) => new DatasetStore().problems(name);

const api: ExportApi = {
  async zip(runId, framework) {
    const runs = await openIndexedDbStore();
    const run = await runs.getRun(runId);
    if (!run) throw new StoreError('This run is no longer stored. Nothing was exported.');
    const experiment = parseExperiment(run.experiment);
    const source = await modelSource(experiment.model.path);
    const model = await openModelDirectory(source);
    const prepared = await prepareRun(experiment, model, questions);
    const study = await studyOf(prepared, { store: runs, id: runId });
    const texts = exportStudy(framework, study).map(({ path, text }) => ({ name: path, input: text }));
    const weights = (await copiedFiles(source, model.weights)).map((name) => ({
      name: `model/${name}`,
      input: chunksOf(source, name),
    }));
    const folder = `${slug(experiment.name)}-${framework}`;
    const entries = [...texts, ...weights].map(({ name, input }) => ({ name: `${folder}/${name}`, input }));
    const bytes = [...model.weights.entries.values()].reduce((sum, entry) => sum + entry.bytes, 0);
    return { name: `${framework}.zip`, blob: await onDisk(downloadZip(entries).body!, bytes, ZIP) };
  },

  async runFile(runId) {
    const runs = await openIndexedDbStore();
    const contents = await contentsOf(runs, runId);
    const base = await baseOf(contents.run);
    const { name, notes, response } = writeRunFile(contents, base, questions, demonstrations);
    const bytes = (await runs.usage(runId)).checkpoints;
    const blob = await onDisk(response.body!, bytes, ZIP);
    return { name: `${name}.zip`, blob, ...(notes.length > 0 && { note: notes.join(' ') }) };
  },

  async report(runId) {
    const contents = await contentsOf(await openIndexedDbStore(), runId);
    const blob = new Blob([reportHtml(contents)], { type: 'text/html' });
    return { name: `${slug(contents.run.name)}.html`, blob };
  },

  async importRun(file) {
    const contents = await readRunFile(file);
    await requireRoom(file.size, 'The run');
    const dataset = await placeDataset(contents, new DatasetStore());
    let learnt: PlacedDataset | undefined;
    try {
      learnt = await placeDemonstrations(dataset.contents, new DemonstrationStore());
      const note = [dataset.note, learnt.note].filter(Boolean).join(' ');
      return { ...(await keep(learnt.contents)), ...(note && { note }) };
    } catch (error) {
      for (const placed of [learnt, dataset]) await placed?.undo().catch(() => undefined);
      throw error;
    }
  },

  async importLog(text, ofRun) {
    const run = await (await openIndexedDbStore()).getRun(ofRun);
    const experiment = readExperiment(run?.experiment);
    if (!experiment)
      throw new StoreError(
        'The run that was chosen is no longer stored, or not readable. Nothing was imported.',
      );
    return keep(contentsOfLog(text, experiment));
  },
};

async function keep(contents: RunContents): Promise<Imported> {
  const { id, experiment } = await storeRun(await openIndexedDbStore(), contents);
  return { runId: id, ownCode: (readExperiment(experiment)?.reward.custom ?? 0) !== 0 };
}

/** The model that a run began with; undefined where it is not here any more. */
async function baseOf({ experiment }: RunRecord): Promise<FileSource | undefined> {
  const path = readExperiment(experiment)?.model.path;
  if (path === undefined) return undefined;
  try {
    return await modelSource(path);
  } catch (error) {
    if (error instanceof ExperimentError) return undefined;
    throw error;
  }
}

expose(api);
