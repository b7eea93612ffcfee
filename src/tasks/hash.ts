import type { SplitName } from './types';

/** FNV-1a over UTF-16 units with the finaliser of MurmurHash3: 32 bits, the same on every machine. */
export function hash32(text: string, seed = 0): number {
  let h = 0x811c9dc5 ^ seed;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The split of everything that shares a key: a tenth validation, a tenth test. It does not depend on other data. */
export function splitOf(key: string): SplitName {
  const tenth = hash32(key) % 10;
  return tenth === 0 ? 'validation' : tenth === 1 ? 'test' : 'train';
}

/** Items by split, in their order. */
export function bySplit<T>(items: readonly T[], key: (item: T) => string): Record<SplitName, readonly T[]> {
  const splits: Record<SplitName, T[]> = { train: [], validation: [], test: [] };
  for (const item of items) splits[splitOf(key(item))].push(item);
  return splits;
}
