/** What a browser says of its storage. */

export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** " (218 of 220 MB used)", where the browser tells. */
export async function usage(): Promise<string> {
  const estimate = await globalThis.navigator?.storage?.estimate?.().catch(() => undefined);
  if (estimate?.usage === undefined || estimate.quota === undefined) return '';
  const megabytes = (bytes: number) => Math.round(bytes / 1e6);
  return ` (${megabytes(estimate.usage)} of ${megabytes(estimate.quota)} MB used)`;
}
