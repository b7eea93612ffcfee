/** A launch script from arguments. */
import type { Argument } from './types';

const MAX_SLUG = 60;

/** A name that neither a shell nor a configuration language reads anything into. */
export const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, MAX_SLUG) || 'study';

/** @param said an argument as the framework reads it; `$PWD` in it is the folder of the script */
export function launchScript(
  command: string,
  args: Readonly<Record<string, Argument>>,
  said: (name: string, value: Argument) => string,
): string {
  const lines = Object.entries(args).map(([name, value]) => `  ${said(name, value)}`);
  return [
    '#!/usr/bin/env bash',
    '# Further arguments of the command line come last and win.',
    'set -euo pipefail',
    'cd "$(dirname "$0")"',
    `${command} \\`,
    ...lines.map((line) => `${line} \\`),
    '  "$@"',
    '',
  ].join('\n');
}
