/** An experiment that came by link: read and shown, and nothing else until the person decides. */
import type { StepMetrics } from '../../lab/metrics';
import { sharedRows } from '../../share/curves';
import { decodeLink, type Shared } from '../../share/link';

export type OpenedLink = { fragment: string } & (
  { state: 'reading' } | { state: 'open'; content: Shared } | { state: 'refused'; why: string }
);

/** @returns what the link holds, or why it is refused. Never rejects. */
export async function readLink(fragment: string): Promise<OpenedLink> {
  try {
    return { fragment, state: 'open', content: await decodeLink(fragment) };
  } catch (error) {
    return { fragment, state: 'refused', why: error instanceof Error ? error.message : String(error) };
  }
}

/** The sender's curves, where the link holds some. */
export function curvesOf(link: OpenedLink | null): StepMetrics[] | undefined {
  const curves = link?.state === 'open' ? link.content.curves : undefined;
  return curves && sharedRows(curves);
}
