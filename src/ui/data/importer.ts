/** The worker that reads files; it is there from the first file until `stop`. */
import { wrap } from 'comlink';
import type { ImportApi } from '../../lab/import-protocol';

type Call<T> = (api: ImportApi) => PromiseLike<T>;

let running: { call: <T>(body: Call<T>) => Promise<T>; stop: () => void } | undefined;

function start() {
  const worker = new Worker(new URL('../../lab/import-worker.ts', import.meta.url), { type: 'module' });
  const remote = wrap<ImportApi>(worker);
  const crashed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', () => {
      running = undefined;
      reject(
        new Error(
          'The reader of files could not be loaded or has stopped working. Nothing was stored. Try again; if it fails again, reload the page.',
        ),
      );
    });
  });
  crashed.catch(() => undefined);
  return {
    call: <T>(body: Call<T>) => Promise.race([body(remote), crashed]),
    stop: () => worker.terminate(),
  };
}

/** Asks the worker. Rejects with what the call rejects with, or when the worker cannot be loaded. */
export const ask = <T>(body: Call<T>): Promise<T> => (running ??= start()).call(body);

/** Ends the worker and frees what it has read. */
export function stop(): void {
  running?.stop();
  running = undefined;
}
