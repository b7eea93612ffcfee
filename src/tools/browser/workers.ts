/** The sandboxes of one interpreter in a page. */
import { LONGEST_START_MS, type SandboxWorker } from '../pool';
import { readResult, type SandboxResult } from '../sandbox/protocol';
import { ToolError, type ToolLimits } from '../types';
import { createFrame } from './frame-document';
import type { FrameFiles, FromFrame, ToFrame } from './frame-protocol';

/** A frame, and the workers in it. */
export class SandboxFrame {
  private readonly frame: HTMLIFrameElement;
  private readonly port: MessagePort;
  private readonly workers = new Map<number, FrameWorker>();
  private count = 0;

  constructor(files: FrameFiles, limits: ToolLimits) {
    ({ frame: this.frame, port: this.port } = createFrame());
    this.port.onmessage = ({ data }: MessageEvent<FromFrame>) => this.workers.get(data.id)?.hear(data);
    this.send({ type: 'files', limits, ...files }, [files.wasm]);
    document.body.append(this.frame);
  }

  spawn(): SandboxWorker {
    const id = this.count++;
    const { port1, port2 } = new MessageChannel();
    const worker = new FrameWorker(port1, () => {
      this.workers.delete(id);
      this.send({ type: 'kill', id });
    });
    this.workers.set(id, worker);
    this.send({ type: 'spawn', id }, [port2]);
    return worker;
  }

  /** Ends every worker. */
  close(): void {
    this.frame.remove();
    this.port.close();
  }

  private send(message: ToFrame, transfer: Transferable[] = []): void {
    this.port.postMessage(message, transfer);
  }
}

class FrameWorker implements SandboxWorker {
  readonly ready: Promise<void>;
  private heard!: { started: () => void; failed: (message: string) => void };
  private died!: () => void;
  private readonly dead = new Promise<never>((_, reject) => {
    this.died = () => reject(new Error('The worker of the interpreter died.'));
  });

  constructor(
    private readonly line: MessagePort,
    readonly kill: () => void,
  ) {
    this.dead.catch(() => undefined);
    this.ready = new Promise((started, reject) => {
      const failed = (message: string) =>
        reject(new ToolError(`The interpreter could not be started, so no code was run: ${message}`));
      const timer = setTimeout(() => failed('it gave no answer.'), LONGEST_START_MS);
      this.heard = {
        started: () => {
          clearTimeout(timer);
          started();
        },
        failed,
      };
    });
  }

  hear(message: FromFrame): void {
    if (message.type === 'started') this.heard.started();
    else if (message.type === 'failed') this.heard.failed(message.message);
    else {
      this.heard.failed('its worker died.');
      this.died();
    }
  }

  call(code: string): Promise<SandboxResult> {
    const answer = new Promise<SandboxResult>((resolve, reject) => {
      this.line.onmessage = ({ data }) => {
        const result = readResult(data);
        if (result) resolve(result);
        else reject(new Error('The sandbox gave no result.'));
      };
    });
    this.line.postMessage(code);
    return Promise.race([answer, this.dead]);
  }
}
