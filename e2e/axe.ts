import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/**
 * Ids of the violations that would keep someone out, in both themes.
 * @param within only what a CSS selector finds: a whole page takes long on a busy machine
 */
export async function seriousViolations(at: Page, within = 'html'): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await at.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page: at }).include(within).analyze();
    const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    found.push(
      ...serious.map(
        (v) => `${colorScheme}: ${v.id} at ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
      ),
    );
  }
  await at.emulateMedia({ colorScheme: null });
  return found;
}
