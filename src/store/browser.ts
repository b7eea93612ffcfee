/** What a browser says of its storage. */
import { StoreError } from './types';

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/**
 * " (218 of 220 MB used)", for a message that there is no room, where the browser tells. Chrome says that there are 10 GB
 * more than what is used, however little is left: then nothing is said.
 */
export async function usage(): Promise<string> {
  const estimate = await globalThis.navigator?.storage?.estimate?.().catch(() => undefined);
  if (estimate?.usage === undefined || estimate.quota === undefined) return '';
  if (estimate.usage < 0.9 * estimate.quota) return '';
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return ` (${megabytes(estimate.usage)} of ${megabytes(estimate.quota)} MB used)`;
}

/**
 * Asks before much is written, for a browser says only at the end that it is too much.
 * @throws StoreError when the browser says that it has no room for so many bytes
 */
export async function requireRoom(bytes: number, what: string): Promise<void> {
  const estimate = await globalThis.navigator?.storage?.estimate?.().catch(() => undefined);
  if (estimate?.usage === undefined || estimate.quota === undefined) return;
  const free = estimate.quota - estimate.usage;
  if (bytes <= free) return;
  const megabytes = (n: number) => Math.round(n / 1e6).toLocaleString('en');
  throw new StoreError(
    `${what} needs ${megabytes(bytes)} MB more, and the browser has ${megabytes(free)} MB left for this page. What is stored is kept. Delete models or runs, or free room on the disk.`,
  );
}
