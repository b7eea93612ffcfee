import { wrap, type Remote } from 'comlink';

/** A worker that is there from the first call until `stop`. */
export interface Beside<Api> {
  /** Rejects with what the call rejects with, or when the worker cannot be loaded. */
  ask: <T>(body: (api: Remote<Api>) => PromiseLike<T>) => Promise<T>;
  /** Ends the worker and frees what it holds. */
  stop: () => void;
}

/**
 * @param start makes the worker
 * @param failure what is told when it could not be loaded or has crashed
 */
export function beside<Api>(start: () => Worker, failure: string): Beside<Api> {
  let running: { remote: Remote<Api>; crashed: Promise<never>; worker: Worker } | undefined;
  const open = () => {
    const worker = start();
    const crashed = new Promise<never>((_, reject) => {
      worker.addEventListener('error', () => {
        running = undefined;
        reject(new Error(failure));
      });
    });
    crashed.catch(() => undefined);
    return { remote: wrap<Api>(worker), crashed, worker };
  };
  return {
    ask: (body) => {
      const { remote, crashed } = (running ??= open());
      return Promise.race([body(remote), crashed]);
    },
    stop: () => {
      running?.worker.terminate();
      running = undefined;
    },
  };
}
