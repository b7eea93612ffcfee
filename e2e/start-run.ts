/** Starts a short run in the form, as a person does. */
import type { Page } from '@playwright/test';
import { eventually } from './eventually.ts';

/** @param settings numbers by their labels in the form @returns the run's id */
export async function startRun(page: Page, settings: Readonly<Record<string, number>>): Promise<string> {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await button('Experiment').click();
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  for (const [label, value] of Object.entries(settings))
    await page.getByRole('spinbutton', { name: label, exact: true }).fill(String(value));
  await eventually(button('Run')).toBeEnabled();
  const before = page.url();
  await button('Run').click();
  await eventually.poll(() => page.url()).not.toBe(before);
  return new URLSearchParams(new URL(page.url()).hash.slice(1)).get('run')!;
}
