/** Reads a person's file beside the page: a large one takes seconds. */
import { expose } from 'comlink';
import { parseDemonstrations } from '../sft/dataset';
import { summaryOf } from '../sft/summary';
import { DatasetStore } from '../store/datasets';
import { DemonstrationStore, type NewDemonstrations } from '../store/demonstrations';
import {
  droppedRowsCsv,
  formatOf,
  ImportError,
  importProblems,
  MAX_IMPORT_BYTES,
  type ImportReport,
} from '../tasks/import';
import type { ImportApi } from './import-protocol';

const store = new DatasetStore();
let last: ImportReport | undefined;
const demonstrations = new DemonstrationStore();
let lastDemonstrations: Omit<NewDemonstrations, 'name'> | undefined;

/** @throws ImportError */
function refuseLarge({ size }: File): void {
  if (size > MAX_IMPORT_BYTES)
    throw new ImportError(
      `The file holds ${Math.ceil(size / 2 ** 20)} MiB, more than the ${MAX_IMPORT_BYTES / 2 ** 20} MiB that can be imported. Nothing was imported: split it.`,
    );
}

function lastReport(): ImportReport {
  if (!last) throw new ImportError('No file has been read. Choose one first.');
  return last;
}

const api: ImportApi = {
  async read(file) {
    const begin = performance.now();
    last = undefined;
    refuseLarge(file);
    last = importProblems(await file.text(), { format: formatOf(file.name) });
    return { fileName: file.name, counts: last.counts, milliseconds: performance.now() - begin };
  },
  kept: (from, count) => Promise.resolve(lastReport().problems.slice(from, from + count)),
  dropped: (reason, from, count) => {
    const { dropped } = lastReport();
    const chosen = reason === null ? dropped : dropped.filter((d) => d.reason === reason);
    return Promise.resolve(chosen.slice(from, from + count));
  },
  report: () => Promise.resolve(new Blob([droppedRowsCsv(lastReport().dropped)], { type: 'text/csv' })),
  save: (name) => store.add({ name, ...lastReport() }),
  async readDemonstrations(file) {
    lastDemonstrations = undefined;
    refuseLarge(file);
    const text = await file.text();
    const found = parseDemonstrations(text, file.name);
    lastDemonstrations = { text, ...summaryOf(found) };
    return { fileName: file.name, ...summaryOf(found) };
  },
  saveDemonstrations(name) {
    if (!lastDemonstrations) throw new ImportError('No file has been read. Choose one first.');
    return demonstrations.add({ name, ...lastDemonstrations });
  },
};

expose(api);
