/** The page's interpreters for a worker, which cannot hold the frame that they live in. */
import { expose, type Endpoint } from 'comlink';
import type { Interpreter, ToolLanguage, ToolLimits, ToolPackage, ToolResult } from '../types';
import { openInterpreter } from './open';

/** What crosses the port. See `remote.ts`. */
export class InterpreterHost {
  private readonly interpreters = new Map<number, Interpreter>();
  private readonly calls = new Map<number, AbortController>();
  private opened = 0;

  async open(
    language: ToolLanguage,
    limits: ToolLimits,
    workers: number,
    packages?: readonly ToolPackage[],
  ): Promise<number> {
    const id = this.opened++;
    this.interpreters.set(id, await openInterpreter(language, limits, workers, packages));
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

/** Lets whoever holds the other end of the port open interpreters in this page. */
export const serveInterpreters = (port: Endpoint): void => expose(new InterpreterHost(), port);
