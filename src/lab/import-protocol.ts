/** What crosses the border between the page and the worker that reads a person's file. */
import type { DatasetRecord } from '../store/datasets';
import type { DemonstrationsRecord } from '../store/demonstrations';
import type { PackageRecord } from '../store/packages';
import type { DroppedRow, DropReason, ImportCounts } from '../tasks/import';
import type { Problem } from '../tasks/types';
import type { ToolPackage } from '../tools/types';

/** A file as it was read; its rows stay in the worker. */
export interface ImportSummary {
  fileName: string;
  counts: ImportCounts;
  /** Milliseconds that it took. */
  milliseconds: number;
}

/** A file of demonstrations as it was read. */
export type DemonstrationsSummary = Pick<DemonstrationsRecord, 'count' | 'withCalls'> & { fileName: string };

/** Calls after `read` are about the file that was read last, and reject before. */
export interface ImportApi {
  /** Reads a file of questions and answers. Rejects with an `ImportError` when it cannot be used as a whole. */
  read(file: File): Promise<ImportSummary>;
  /** Some of the kept problems. */
  kept(from: number, count: number): Promise<Problem[]>;
  /** Some of the dropped rows, of one reason or all. */
  dropped(reason: DropReason | null, from: number, count: number): Promise<DroppedRow[]>;
  /** All dropped rows as CSV. */
  report(): Promise<Blob>;
  /** Stores the kept problems in IndexedDB. Rejects with a `StoreError`, for instance when the name is taken. */
  save(name: string): Promise<DatasetRecord>;
  /** Reads a file of demonstrations. Rejects with the bad lines by their numbers. */
  readDemonstrations(file: File): Promise<DemonstrationsSummary>;
  /** Stores the file that `readDemonstrations` read last. Rejects as `save` does. */
  saveDemonstrations(name: string): Promise<DemonstrationsRecord>;
  /** Stores a wheel. Rejects when it cannot be used, or a package of that name is there already. */
  addPackage(file: File): Promise<PackageRecord>;
  /** All stored packages, for the sandbox. */
  packages(): Promise<ToolPackage[]>;
}
