/**
 * A worker thread that holds a sandbox. Its script runs in a context of its own, where there is neither `require` nor
 * `process`, no text can become code, and no object of this realm is to be had.
 */
const vm = require('node:vm');
const { parentPort, workerData } = require('node:worker_threads');

const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const context = vm.createContext(Object.create(null), { codeGeneration: { strings: false, wasm: true } });
/** @type {import('../sandbox/protocol').Sandbox} */
const sandbox = vm.runInContext(`${workerData}; sandbox`, context, { filename: 'sandbox.js' });

port.on('message', (message) => {
  if (message.type === 'call') port.postMessage({ type: 'result', json: sandbox.call(message.code) });
  else
    sandbox.start(message.start).then(
      (started) => port.postMessage({ type: 'started', ...started }),
      (error) => port.postMessage({ type: 'failed', message: String(error) }),
    );
});
