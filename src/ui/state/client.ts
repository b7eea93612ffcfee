/** Starts the engine's worker and speaks to it. */
import { proxy, transfer, wrap } from 'comlink';
import type { EngineApi, EngineStatus, LabApi } from '../../lab/protocol';
import { serveInterpreters } from '../../lab/sandbox';

/**
 * The engine in its own worker. Calls reject when the worker could not be loaded or has crashed;
 * `onCrash` hears of a crash that happens outside a call.
 */
export function startEngine(onCrash: (message: string) => void): LabApi {
  // A worker has no base address of its own: the page's travels as its name, to find the models by.
  const worker = new Worker(new URL('../../lab/worker.ts', import.meta.url), {
    type: 'module',
    name: document.baseURI,
  });
  const remote = wrap<EngineApi>(worker);
  const crashed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => {
      const message = `The engine could not be loaded or has stopped working${event.message ? ` (${event.message})` : ''}. Stored runs are kept. Reload the page, then continue the run from its last checkpoint.`;
      reject(new Error(message));
      onCrash(message);
    });
  });
  crashed.catch(() => undefined);
  // A worker cannot hold the frame that the sandbox lives in: the page serves it.
  const tools = new MessageChannel();
  serveInterpreters(tools.port1);
  const connected = remote.connectTools(transfer(tools.port2, [tools.port2]));
  connected.catch(() => undefined);
  const call = <T>(answer: PromiseLike<T>): Promise<T> => Promise.race([answer, crashed]);
  return {
    engine: () => call<EngineStatus>(remote.engine()),
    doctor: () => call(remote.doctor()),
    testReward: (code, inputs) => call(remote.testReward(code, inputs)),
    start: (experiment) => call(connected.then(() => remote.start(experiment))),
    resume: (runId) => call(connected.then(() => remote.resume(runId))),
    pause: () => call(remote.pause()),
    unpause: () => call(remote.unpause()),
    stop: () => call(remote.stop()),
    subscribe: (listener) => call(remote.subscribe(proxy(listener))),
  };
}
