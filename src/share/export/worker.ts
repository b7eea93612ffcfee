/** Exports beside the page: the data and the model are put together and zipped. */
import { downloadZip } from 'client-zip';
import { expose } from 'comlink';
import { prepareRun } from '../../lab/dataset';
import { namedSource } from '../../lab/models/named';
import { parseExperiment } from '../../lab/schema';
import { openModelDirectory } from '../../model/directory';
import { openIndexedDbStore, StoreError } from '../../store';
import { DatasetStore } from '../../store/datasets';
import { chunksOf, copiedFiles, exportStudy, studyOf } from './index';
import type { ExportApi } from './protocol';
import { slug } from './script';

const api: ExportApi = {
  async zip(runId, framework) {
    const runs = await openIndexedDbStore();
    const run = await runs.getRun(runId);
    if (!run) throw new StoreError('This run is no longer stored. Nothing was exported.');
    const experiment = parseExperiment(run.experiment);
    // The name of this worker is the page's address.
    const source = await namedSource(experiment.model.path, self.name);
    const model = await openModelDirectory(source);
    const prepared = await prepareRun(experiment, model, (name) => new DatasetStore().problems(name));
    const filtered = experiment.data.pass_rate_samples > 0;
    const study = studyOf(prepared, filtered ? await runs.latestCheckpoint(runId) : undefined);
    const texts = exportStudy(framework, study).map(({ path, text }) => ({ name: path, input: text }));
    const weights = (await copiedFiles(source, model.weights)).map((name) => ({
      name: `model/${name}`,
      input: chunksOf(source, name),
    }));
    const folder = `${slug(experiment.name)}-${framework}`;
    const entries = [...texts, ...weights].map(({ name, input }) => ({ name: `${folder}/${name}`, input }));
    return downloadZip(entries).blob();
  },
};

expose(api);
