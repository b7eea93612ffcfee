/** The sandbox's line to its owner. To be imported before the world is closed. */
import type { FromSandbox, Sandbox, SandboxStart } from './protocol';

interface Scope {
  addEventListener?: (type: 'message', listener: (event: MessageEvent<SandboxStart>) => void) => void;
  postMessage?: (message: FromSandbox) => void;
}

// In a bare context under Node there are no such functions: there the sandbox is called directly.
const scope = globalThis as Scope;
const listen = scope.addEventListener?.bind(globalThis);
const answer = scope.postMessage?.bind(globalThis);

/** In a worker: starts at the first message, and takes code on the port that comes with it. */
export function serve(sandbox: Sandbox): void {
  listen?.('message', ({ data, ports: [port] }) => {
    sandbox.start(data).then(
      (started) => {
        port.onmessage = ({ data: code }: MessageEvent<string>) => port.postMessage(sandbox.call(code));
        answer?.({ type: 'started', ...started });
      },
      (error: unknown) => answer?.({ type: 'failed', message: String(error) }),
    );
  });
}
