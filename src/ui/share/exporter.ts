/** Runs out of the browser and into it, in a worker that is there while it has something to do. */
import type { Remote } from 'comlink';
import type { ExportApi, ExportedBlob } from '../../share/export/protocol';
import { downloadBlob } from '../download';
import { beside } from '../state/beside';

const exporter = beside<ExportApi>(
  () =>
    new Worker(new URL('../../share/export/worker.ts', import.meta.url), {
      type: 'module',
      name: document.baseURI,
    }),
  'The export or import could not be loaded or has stopped working. Stored runs are kept. Try again; if it fails again, reload the page.',
);
let jobs = 0;

/** Rejects with a message for the person. */
export async function ask<T>(body: (api: Remote<ExportApi>) => PromiseLike<T>): Promise<T> {
  jobs++;
  try {
    return await exporter.ask(body);
  } finally {
    if (--jobs === 0) exporter.stop();
  }
}

/** Hands the person what the worker made. @returns what is missing in it. Rejects with a message for the person. */
export async function handOut(
  body: (api: Remote<ExportApi>) => PromiseLike<ExportedBlob>,
): Promise<string | undefined> {
  const { name, blob, note } = await ask(body);
  downloadBlob(name, blob);
  return note;
}
