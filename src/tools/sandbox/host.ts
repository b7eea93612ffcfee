/** The sandbox's line to its owner. To be imported before the world is closed. */
import type { FromSandbox, Sandbox, ToSandbox } from './protocol';

type Listen = (type: 'message', listener: (event: MessageEvent) => void) => void;

// In a bare context under Node there is no such function: there the sandbox is called directly.
const listen = (globalThis as { addEventListener?: Listen }).addEventListener?.bind(globalThis);

/** In a worker: answers the messages on the port that comes with the first. */
export function serve(sandbox: Sandbox): void {
  listen?.('message', ({ ports: [port] }: MessageEvent) => {
    const send = (message: FromSandbox) => port.postMessage(message);
    port.onmessage = ({ data }: MessageEvent<ToSandbox>) => {
      if (data.type === 'call') send({ type: 'result', json: sandbox.call(data.code) });
      else
        sandbox.start(data.start).then(
          (started) => send({ type: 'started', ...started }),
          (error: unknown) => send({ type: 'failed', message: String(error) }),
        );
    };
  });
}
