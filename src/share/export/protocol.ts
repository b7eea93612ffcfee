/** What crosses the border between the page and the worker that exports and imports. Each call rejects with a message for the person. */
import type { Framework } from './frameworks';

export interface ExportedBlob {
  /** With its ending. */
  name: string;
  blob: Blob;
  /** What is missing in it. */
  note?: string;
}

export interface Imported {
  runId: string;
  /** Its experiment holds a reward function of somebody's own. */
  ownCode: boolean;
  /** What became of its data set, where it has one. */
  note?: string;
}

export interface ExportApi {
  /** A stored run's study as a zipped folder, begun with its base model. */
  zip(runId: string, framework: Framework): Promise<ExportedBlob>;
  /** All that is kept of a run. */
  runFile(runId: string): Promise<ExportedBlob>;
  /** A run as a page to read. */
  report(runId: string): Promise<ExportedBlob>;
  /** Keeps the run of a run file, and says which one it is now. */
  importRun(file: Blob): Promise<Imported>;
  /** Keeps a log of TRL or verl as a run. @param ofRun the run whose study was exported */
  importLog(text: string, ofRun: string): Promise<Imported>;
}
