export * from './curate';
export { MAX_IMPORT_BYTES, MAX_IMPORT_ROWS, ImportError, formatOf, type ImportFormat } from './rows';
export * from './pass-rate';
export * from './report';
export * from './sha256';
export * from './task';
