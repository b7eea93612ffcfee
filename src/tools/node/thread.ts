/** A sandbox in a worker thread. */
import { Worker } from 'node:worker_threads';
import { LONGEST_START_MS, type SandboxWorker } from '../pool';
import {
  readResult,
  type FromSandbox,
  type SandboxResult,
  type Started,
  type ToSandbox,
} from '../sandbox/protocol';
import type { Starter } from '../sandbox/starter';
import { ToolError } from '../types';
import thread from './thread.cjs?raw';

/** For recursion inside the interpreter. */
const STACK_MB = 8;
/** For what the interpreter keeps outside its own memory. */
const HEAP_MB = 512;

/** See `SandboxWorker`. */
export class SandboxThread implements SandboxWorker {
  readonly ready: Promise<void>;
  private readonly worker: Worker;
  private answer: { resolve: (message: FromSandbox) => void; reject: (reason: Error) => void } | undefined;

  /** @param script of a sandbox, see `bundle.mjs` */
  constructor(script: string, starter: Starter) {
    this.worker = new Worker(thread, {
      eval: true,
      workerData: script,
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      resourceLimits: { stackSizeMb: STACK_MB, maxOldGenerationSizeMb: HEAP_MB },
    });
    this.worker.on('message', (message: FromSandbox) => this.answer?.resolve(message));
    for (const event of ['error', 'exit'])
      this.worker.on(event, () => this.answer?.reject(new Error('The thread of the interpreter ended.')));
    this.ready = starter.start(async (start) => {
      const timer = setTimeout(() => this.answer?.reject(new Error('it gave no answer.')), LONGEST_START_MS);
      const answer = await this.ask({ type: 'start', start }).catch(String);
      clearTimeout(timer);
      if (typeof answer !== 'string' && answer.type === 'started') return answer satisfies Started;
      const why =
        typeof answer === 'string' ? answer : answer.type === 'failed' ? answer.message : answer.type;
      throw new ToolError(`The interpreter could not be started, so no code was run: ${why}`);
    });
  }

  async call(code: string): Promise<SandboxResult> {
    const answer = await this.ask({ type: 'call', code });
    const result = answer.type === 'result' ? readResult(answer.json) : undefined;
    if (!result) throw new Error('The sandbox gave no result.');
    return result;
  }

  kill(): void {
    this.answer = undefined;
    void this.worker.terminate();
  }

  private ask(message: ToSandbox): Promise<FromSandbox> {
    return new Promise((resolve, reject) => {
      this.answer = { resolve, reject };
      this.worker.postMessage(message);
    });
  }
}
