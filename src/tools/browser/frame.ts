/**
 * The script of the frame that holds the sandboxes: starts and ends their workers, and runs no code but its own. The frame has
 * no origin, and what it may do its document says (`frame-document.ts`).
 */
import type { FromSandbox, Started } from '../sandbox/protocol';
import { Starter } from '../sandbox/starter';
import type { FromFrame, ToFrame } from './frame-protocol';

function serve(port: MessagePort): void {
  const workers = new Map<number, Worker>();
  const tell = (message: FromFrame) => port.postMessage(message);
  let address = '';
  let starter: Promise<Starter>;

  const spawn = async (id: number, line: MessagePort): Promise<void> => {
    const worker = new Worker(address);
    workers.set(id, worker);
    // The event is not passed on: it belongs to a world that may be hostile.
    worker.onerror = (event) => {
      event.preventDefault();
      tell({ type: 'dead', id });
    };
    await (
      await starter
    ).start(
      (start) =>
        new Promise<Started>((resolve, reject) => {
          worker.onmessage = ({ data }: MessageEvent<FromSandbox>) => {
            worker.onmessage = null;
            if (data.type === 'started') resolve(data);
            else reject(new Error(data.type === 'failed' ? data.message : data.type));
          };
          worker.postMessage(start, [line]);
        }),
    );
  };

  port.onmessage = ({ data, ports: [line] }: MessageEvent<ToFrame>) => {
    switch (data.type) {
      case 'files': {
        const { script, wasm, library, packages, limits } = data;
        address = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
        starter = WebAssembly.compile(wasm).then(
          (module) => new Starter({ wasm: module, library, packages }, limits, library !== undefined),
        );
        break;
      }
      case 'spawn':
        spawn(data.id, line).then(
          () => tell({ type: 'started', id: data.id }),
          (error: unknown) => tell({ type: 'failed', id: data.id, message: String(error) }),
        );
        break;
      case 'kill':
        workers.get(data.id)?.terminate();
        workers.delete(data.id);
        break;
    }
  };
}

addEventListener('message', ({ source, ports: [port] }) => source === parent && serve(port), { once: true });
