/** What crosses the border between the page and the worker that brings models in and out. */
import type { ExportType } from '../../model/export';
import type { ModelRecord } from '../../store/models';
import type { DownloadProgress } from '../hub/install';

export type { DownloadProgress };

export interface HubRequest {
  /** "owner/name" on the Hub. */
  id: string;
  /** Branch, tag or commit. */
  revision: string;
  hubUrl: string;
  /** Kept in memory for this session only. */
  accessToken?: string;
}

/** A file of a folder that a person chose or dropped; `name` is without folders. */
export interface LocalFile {
  name: string;
  file: File;
}

/** Everything rejects with an Error whose message is for the person; one job at a time. */
export interface ModelsApi {
  /** Downloads a model, or goes on with one that is here by half. The record tells the name under which it is stored. */
  download(request: HubRequest, onProgress: (progress: DownloadProgress) => void): Promise<ModelRecord>;
  /** Copies a model directory into the browser's storage, after a look at all of it. */
  addFiles(
    name: string,
    files: readonly LocalFile[],
    onProgress: (progress: DownloadProgress) => void,
  ): Promise<ModelRecord>;
  /** Stores the newest checkpoint of a run as a model. */
  addRun(runId: string, name: string, onProgress: (progress: DownloadProgress) => void): Promise<ModelRecord>;
  /** The newest checkpoint of a run as a zipped Hugging Face directory. */
  exportRun(runId: string, folder: string, type: ExportType): Promise<Blob>;
  /** Ends the job under way, which rejects; what was downloaded is kept. */
  stop(): Promise<void>;
}
