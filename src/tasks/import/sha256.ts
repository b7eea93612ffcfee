import type { Problem } from '../types';

/**
 * SHA-256 of what is asked and what is right, in their order: 64 hexadecimal digits. Two files that differ only in form,
 * or in rows that are dropped, have the same.
 */
export async function sha256OfProblems(problems: readonly Problem[]): Promise<string> {
  const lines = problems.map(({ prompt, answer, level }) => JSON.stringify([prompt, answer, level ?? null]));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n')));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
