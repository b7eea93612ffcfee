/** Two tabs on one run: one computes it, the other watches it live and takes over when the first is gone. */
import { expect, test, type Page } from '@playwright/test';
import { eventually } from './eventually.ts';

test.setTimeout(600_000);
const SETTINGS: Record<string, number> = {
  'Queries per step': 1,
  'Rollouts per query': 4,
  'Response limit': 24,
  Steps: 400,
  'Evaluate every': 400,
  Problems: 4,
};

const status = (page: Page) => page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const stepShown = async (page: Page) =>
  Number(await page.getByRole('progressbar', { name: 'Steps' }).getAttribute('aria-valuenow'));
const reached = (page: Page, step: number) =>
  eventually.poll(() => stepShown(page)).toBeGreaterThanOrEqual(step);
const note = (page: Page) => page.getByText('Another tab computes this run; this one watches.');

test('one tab writes, the other watches the same run live, and goes on with it when the first is closed', async ({
  context,
}) => {
  const first = await context.newPage();
  await first.goto('./');
  const early = await context.newPage();
  await early.goto('./');
  await first.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  for (const [label, value] of Object.entries(SETTINGS))
    await first.getByLabel(label, { exact: true }).fill(String(value));
  await button(first, 'Run').click();
  await reached(first, 2);

  await test.step('a tab that is opened now follows from the store and what the first tells', async () => {
    const second = await context.newPage();
    await second.goto(first.url());
    await eventually(status(second)).toHaveText('running');
    await expect(note(second)).toBeVisible();
    await expect(button(second, 'Continue')).toHaveCount(0);
    const at = await stepShown(second);
    await reached(second, at + 2);
    await expect(second.getByRole('figure', { name: 'Reward' })).toHaveAccessibleDescription(/at step 1 to/);
    await second.close();
  });

  await test.step('a tab that was open before lists it, shows its pauses, and may not delete it', async () => {
    await early.getByRole('button', { name: /^Runs/ }).click();
    await early.getByRole('button', { name: /^Aha, quick look/ }).click();
    await expect(note(early)).toBeVisible();
    await button(early, 'Actions for Aha, quick look').click();
    await expect(early.getByRole('menuitem', { name: 'Delete …' })).toHaveAttribute('data-disabled', '');
    await early.keyboard.press('Escape');
    await button(first, 'Pause').click();
    await eventually(status(early)).toHaveText('paused');
    await button(first, 'Resume').click();
    await eventually(status(early)).toHaveText('running');
  });

  await test.step('when the first is closed the other says so and goes on', async () => {
    await first.close();
    await eventually(status(early)).toHaveText(/^interrupted at step \d+$/);
    await expect(note(early)).toHaveCount(0);
    const at = await stepShown(early);
    await eventually(button(early, 'Continue')).toBeEnabled();
    await button(early, 'Continue').click();
    await eventually(status(early)).toHaveText('running');
    await reached(early, at + 1);
    await button(early, 'Stop').click();
    await eventually(status(early)).toHaveText('stopped');
  });
});
