/** What Dawn hands to `setImmediate`: a function of its own, without a name. */
const ofDawn = (callback: unknown): boolean =>
  typeof callback === 'function' && callback.name === '' && String(callback).includes('[native code]');

/**
 * While it waits for the device, Dawn for Node looks for events in every turn of the event loop (`QueueTick` in its
 * AsyncRunner.cpp): one core does nothing else, and where the device is the CPU that core is missed. From now on it looks once
 * a millisecond.
 */
export function lookForEventsAtLeisure(): void {
  const immediately = globalThis.setImmediate;
  if (Object.hasOwn(immediately, 'atLeisure')) return;
  const atLeisure = (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
    ofDawn(callback) ? setTimeout(callback, 1) : immediately(callback, ...args);
  globalThis.setImmediate = Object.assign(atLeisure, immediately, { atLeisure: true }) as typeof setImmediate;
}
