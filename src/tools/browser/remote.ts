/** The page's interpreters, used from a worker. */
import { wrap, type Endpoint } from 'comlink';
import { type OpenInterpreter, ToolError } from '../types';
import type { InterpreterHost } from './serve';

/** `openInterpreter`, done by the page at the other end of the port (`serve.ts`). */
export function remoteInterpreters(port: Endpoint): OpenInterpreter {
  const host = wrap<InterpreterHost>(port);
  let calls = 0;
  return async (language, limits, workers, packages) => {
    const id = await rejectsClearly(host.open(language, limits, workers, packages));
    return {
      async call(code, signal) {
        signal?.throwIfAborted();
        const call = calls++;
        const abort = () => void host.abort(call);
        signal?.addEventListener('abort', abort);
        try {
          return await rejectsClearly(host.call(id, call, code));
        } catch (error) {
          signal?.throwIfAborted();
          throw error;
        } finally {
          signal?.removeEventListener('abort', abort);
        }
      },
      close: () => void host.close(id),
    };
  };
}

/** An error that crosses a port is no instance of its class any more. */
const rejectsClearly = <T>(answer: Promise<T>): Promise<T> =>
  answer.catch((error: unknown) => {
    throw error instanceof Error && error.name === 'ToolError' ? new ToolError(error.message) : error;
  });
