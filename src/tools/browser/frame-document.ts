import script from './frame.ts?sandbox';

/**
 * Nothing is fetched, nothing is sent, nothing is embedded; scripts are those that stand here and those of workers, which
 * inherit this. No text becomes code, WebAssembly apart.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob: 'wasm-unsafe-eval'",
  'worker-src blob:',
  "connect-src 'none'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

/**
 * A hidden frame without an origin: it shares no storage, no cookies and no objects with the page.
 * @returns the frame, which has yet to be put into the page, and the port to `frame.ts` in it
 */
export function createFrame(): { frame: HTMLIFrameElement; port: MessagePort } {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', 'allow-scripts');
  frame.hidden = true;
  frame.title = 'Sandbox';
  frame.srcdoc = `<!doctype html><meta http-equiv="Content-Security-Policy" content="${POLICY}"><script>${script.replaceAll('</', '<\\/')}</script>`;
  const { port1, port2 } = new MessageChannel();
  frame.onload = () => frame.contentWindow?.postMessage(null, '*', [port2]);
  return { frame, port: port1 };
}
