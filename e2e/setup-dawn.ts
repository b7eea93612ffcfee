import 'fake-indexeddb/auto';
import { openNodeGpu } from '../src/cli/adapter';

/** Gives Node what a browser has: `navigator.gpu`, the WebGPU globals and IndexedDB. Without an adapter the run fails here. */
const gpu = await openNodeGpu();
if (!('navigator' in globalThis)) {
  Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
}
Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
