/** Reads a person's file beside the page: a large one takes seconds. */
import { expose } from 'comlink';
import { parseDemonstrations } from '../sft/dataset';
import { summaryOf } from '../sft/summary';
import { DatasetStore } from '../store/datasets';
import { DemonstrationStore, type NewDemonstrations } from '../store/demonstrations';
import { PackageStore } from '../store/packages';
import {
  droppedRowsCsv,
  formatOf,
  ImportError,
  importProblems,
  MAX_IMPORT_BYTES,
  type ImportReport,
} from '../tasks/import';
import { normalName } from '../tools/packages/requirements';
import { MAX_WHEEL_BYTES, readWheel, type Wheel } from '../tools/packages/wheel';
import type { ImportApi } from './import-protocol';

const store = new DatasetStore();
let last: ImportReport | undefined;
const demonstrations = new DemonstrationStore();
const packages = new PackageStore();
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
  async addPackage(file) {
    // More is never read into memory; what is less than this is refused by `readWheel` in its own words.
    const bytes = new Uint8Array(await file.slice(0, MAX_WHEEL_BYTES + 1).arrayBuffer());
    const wheel = await readWheel(file.name, bytes);
    const there = await packages.list();
    const other = there.find((one) => normalName(one.package) === normalName(wheel.package));
    if (other)
      throw new ImportError(
        `The package ${other.package} is there already, version ${other.version}, as “${other.name}”. Nothing was added: remove that one first.`,
      );
    return packages.add({ ...wheel, name: file.name });
  },
  async packages() {
    const wheels: Wheel[] = [];
    for (const { name } of await packages.list()) {
      const bytes = await packages.bytes(name);
      if (bytes) wheels.push(await readWheel(name, bytes));
    }
    return wheels;
  },
};

expose(api);
