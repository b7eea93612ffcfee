/** The store of the browser. The folder store needs Node and is imported from `store/folder` by the CLI alone. */
export { IndexedDbStore, openIndexedDbStore, type IndexedDbOptions } from './indexeddb';
export * from './types';
