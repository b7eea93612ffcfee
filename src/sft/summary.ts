import type { ImportedDemonstration } from './dataset';

/** How many demonstrations a file holds, and how many of them call an interpreter. */
export const summaryOf = (
  demonstrations: readonly ImportedDemonstration[],
): { count: number; withCalls: number } => ({
  count: demonstrations.length,
  withCalls: demonstrations.filter(({ completion }) => typeof completion !== 'string').length,
});
