/** What crosses the border between the page and the worker that exports. */
import type { Framework } from './frameworks';

export interface ExportApi {
  /** A stored run's study as a zipped folder, begun with its base model. Rejects with a message for the person. */
  zip(runId: string, framework: Framework): Promise<Blob>;
}
