/** Stands for the engine's worker, which has no page to put a frame into. */
import { remoteInterpreters } from '../../src/tools/browser/remote';

addEventListener('message', ({ data, ports: [port] }: MessageEvent<string>) => {
  void (async () => {
    const open = remoteInterpreters(port);
    const interpreter = await open('javascript', { seconds: 5, memory_mb: 64, output_chars: 400 }, 1);
    postMessage(await interpreter.call(data));
    interpreter.close();
  })();
});
