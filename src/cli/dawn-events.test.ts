import { afterEach, expect, it, vi } from 'vitest';
import { lookForEventsAtLeisure } from './dawn-events';

const real = globalThis.setImmediate;
afterEach(() => {
  globalThis.setImmediate = real;
  vi.restoreAllMocks();
});

it('lets what Dawn asks for wait a millisecond, and nobody else', async () => {
  lookForEventsAtLeisure();
  lookForEventsAtLeisure();
  const timeout = vi.spyOn(globalThis, 'setTimeout');
  await new Promise<void>((resolve) => setImmediate(() => resolve()));
  await new Promise<void>((resolve) => setImmediate(resolve.bind(undefined)));
  expect(timeout).not.toHaveBeenCalled();
  // As Dawn's: native, and without a name.
  await new Promise<void>((resolve) => setImmediate(resolve));
  expect(timeout.mock.calls).toEqual([[expect.any(Function), 1]]);
});
