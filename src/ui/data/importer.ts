/** The worker that reads files. */
import type { ImportApi } from '../../lab/import-protocol';
import { beside } from '../state/beside';

export const { ask, stop } = beside<ImportApi>(
  () => new Worker(new URL('../../lab/import-worker.ts', import.meta.url), { type: 'module' }),
  'The reader of files could not be loaded or has stopped working. Nothing was stored. Try again; if it fails again, reload the page.',
);
