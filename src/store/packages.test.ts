import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import { PackageStore } from './packages';

it('keeps wheels as they are, in parts that do not show', async () => {
  const store = new PackageStore('packages test');
  const bytes = Uint8Array.from({ length: 2 ** 23 + 5 }, (_, i) => i % 251);
  const facts = { package: 'tiny', version: '1.0', requires: [{ package: 'other', versions: '<2' }] };
  const { id } = await store.add({ name: 'tiny.whl', bytes, ...facts });
  expect(Buffer.from((await store.bytes('tiny.whl'))!).equals(Buffer.from(bytes))).toBe(true);
  expect(await store.list()).toMatchObject([{ name: 'tiny.whl', size: bytes.length, ...facts }]);
  await expect(store.add({ name: 'tiny.whl', bytes, ...facts })).rejects.toThrow(
    'already is a package "tiny.whl"',
  );
  await store.remove(id);
  expect(await store.bytes('tiny.whl')).toBeUndefined();
  await store.close();
});
