/** The page's interpreters, used from a worker: only a page can hold the frame that they live in. */
import { expose, wrap, type Endpoint } from 'comlink';
import { type Interpreter, ToolError, type ToolLanguage, type ToolLimits, type ToolResult } from '../types';
import { openInterpreter } from './open';

type Opening = (language: ToolLanguage, limits: ToolLimits, workers: number) => Promise<Interpreter>;

/** What crosses the port. */
class InterpreterHost {
  private readonly interpreters = new Map<number, Interpreter>();
  private readonly calls = new Map<number, AbortController>();
  private opened = 0;

  constructor(private readonly opening: Opening) {}

  async open(language: ToolLanguage, limits: ToolLimits, workers: number): Promise<number> {
    const id = this.opened++;
    this.interpreters.set(id, await this.opening(language, limits, workers));
    return id;
  }

  async call(interpreter: number, call: number, code: string): Promise<ToolResult> {
    const controller = new AbortController();
    this.calls.set(call, controller);
    try {
      return await this.interpreters.get(interpreter)!.call(code, controller.signal);
    } finally {
      this.calls.delete(call);
    }
  }

  abort(call: number): void {
    this.calls.get(call)?.abort();
  }

  close(interpreter: number): void {
    this.interpreters.get(interpreter)?.close();
    this.interpreters.delete(interpreter);
  }
}

/** In the page: lets whoever holds the other end of the port open interpreters here. */
export function serveInterpreters(port: Endpoint, opening: Opening = openInterpreter): void {
  expose(new InterpreterHost(opening), port);
}

/** In a worker: `openInterpreter`, done by the page at the other end of the port. */
export function remoteInterpreters(port: Endpoint): Opening {
  const host = wrap<InterpreterHost>(port);
  let calls = 0;
  return async (language, limits, workers) => {
    const id = await rejectsClearly(host.open(language, limits, workers));
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
