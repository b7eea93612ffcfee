/** Runs calls on a few sandboxes, one call at a time on each; a sandbox that does not end in time is killed and replaced. */
import type { SandboxResult } from './sandbox/protocol';
import { timeoutError, type Interpreter, ToolError, type ToolLimits, type ToolResult } from './types';

/** A sandbox in a worker of whatever kind. */
export interface SandboxWorker {
  /** Settles when it can be called; rejects with a ToolError when it cannot start. */
  readonly ready: Promise<void>;
  /** Rejects when the worker dies or gives nonsense. */
  call(code: string): Promise<SandboxResult>;
  /** Ends it at once, whatever it is doing; a call that is under way never settles. */
  kill(): void;
}

/** A busy machine starts Python in half a minute; large packages are imported then, too. */
export const LONGEST_START_MS = 180_000;

/** A worker serves so many calls: then what an interpreter keeps outside its memory is thrown away as well. */
const CALLS_PER_WORKER = 300;

interface Call {
  code: string;
  resolve: (result: ToolResult) => void;
  reject: (reason: unknown) => void;
  signal: AbortSignal | undefined;
}

interface Slot {
  worker: SandboxWorker;
  calls: number;
}

/** See `Interpreter`. */
export class InterpreterPool implements Interpreter {
  private readonly waiting: Call[] = [];
  private readonly idle: Slot[] = [];
  private readonly busy = new Set<Slot>();
  private readonly underWay = new Set<Call>();
  private closed = false;

  /**
   * @param spawn starts a worker
   * @param workers the most at once; they are started when there are calls for them
   * @param dispose runs after the last worker was killed
   */
  constructor(
    private readonly spawn: () => SandboxWorker,
    private readonly limits: ToolLimits,
    private readonly workers: number,
    private readonly dispose: () => void = () => undefined,
  ) {}

  call(code: string, signal?: AbortSignal): Promise<ToolResult> {
    return new Promise((resolve, reject) => {
      if (this.closed) throw new ToolError('The interpreter was closed, so this call was not made.');
      signal?.throwIfAborted();
      const call: Call = { code, resolve, reject, signal };
      signal?.addEventListener('abort', () => this.abort(call), { once: true });
      this.waiting.push(call);
      this.dispatch();
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const { worker } of [...this.idle, ...this.busy]) worker.kill();
    for (const { reject } of [...this.waiting, ...this.underWay])
      reject(new ToolError('The interpreter was closed before this call ended.'));
    this.waiting.length = 0;
    this.dispose();
  }

  private abort(call: Call): void {
    const at = this.waiting.indexOf(call);
    if (at < 0) return;
    this.waiting.splice(at, 1);
    call.reject(call.signal!.reason);
  }

  private dispatch(): void {
    while (this.waiting.length > 0 && !this.closed) {
      const slot = this.idle.pop() ?? this.open();
      if (!slot) return;
      const call = this.waiting.shift()!;
      this.busy.add(slot);
      this.underWay.add(call);
      void this.run(slot, call).then((usable) => {
        this.busy.delete(slot);
        this.underWay.delete(call);
        if (!usable) slot.worker.kill();
        else if (!this.closed) this.idle.push(slot);
        // The next call should not wait for a start that could have been made before it came.
        if (!usable && !this.closed && this.idle.length === 0) this.idle.push(this.open()!);
        this.dispatch();
      });
    }
  }

  private open(): Slot | undefined {
    if (this.busy.size + this.idle.length >= this.workers) return undefined;
    const worker = this.spawn();
    worker.ready.catch(() => undefined);
    return { worker, calls: 0 };
  }

  /** @returns whether the worker can be used again. Never rejects: the call does. */
  private async run(slot: Slot, { code, signal, resolve, reject }: Call): Promise<boolean> {
    const { worker } = slot;
    const { seconds } = this.limits;
    const end = new AbortController();
    try {
      await Promise.race([worker.ready, rejectedBy(signal, end.signal)]);
      const begin = performance.now();
      const ms = () => performance.now() - begin;
      const late = new Promise<'late'>((resolveLate) => {
        const timer = setTimeout(() => resolveLate('late'), 1000 * seconds);
        end.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      const result = await Promise.race([
        worker.call(code).catch(() => 'dead' as const),
        late,
        rejectedBy(signal, end.signal),
      ]);
      if (typeof result === 'string') {
        const error = {
          late: timeoutError(seconds),
          dead: 'The code brought the interpreter down.',
        }[result];
        resolve({ stdout: '', error, ms: ms(), refused: result === 'late' ? 'time' : 'memory' });
        return false;
      }
      const { worn, ...rest } = result;
      resolve({ ...rest, ms: ms() });
      return !worn && ++slot.calls < CALLS_PER_WORKER;
    } catch (error) {
      reject(error);
      return false;
    } finally {
      end.abort();
    }
  }
}

/** Rejects with the signal's reason; stops listening at `end`. */
function rejectedBy(signal: AbortSignal | undefined, end: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal?.aborted) reject(signal.reason as Error);
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true, signal: end });
  });
}
