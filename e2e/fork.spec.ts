/** A run is forked from a kept checkpoint with other settings, compared with its fork, rewound; and its room is looked after. */
import { expect, test } from '@playwright/test';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';

test.setTimeout(600_000);
const SETTINGS: Record<string, number> = {
  'Queries per step': 1,
  'Rollouts per query': 4,
  'Response limit': 16,
  Steps: 4,
  'Evaluate every': 2,
  'Checkpoint every': 1,
  Problems: 4,
};

test('fork, compare, rewind, free room', async ({ page }) => {
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const run = page.getByRole('region', { name: 'Run', exact: true });
  const status = run.locator('.pill');
  const openMenu = async (name: string, item: string) => {
    await page.getByRole('button', { name: /^Runs/ }).click();
    await button(`Actions for ${name}`).click();
    await page.getByRole('menuitem', { name: item }).click();
  };
  const checkpoint = (step: number) => page.getByRole('radio', { name: new RegExp(`^Step ${step}\\b`) });

  await page.goto('./');
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  for (const [label, value] of Object.entries(SETTINGS))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  await button('Run').click();
  await eventually(status).toHaveText('finished');

  await test.step('a fork begins with the chosen checkpoint and the changed settings', async () => {
    await openMenu('Aha, quick look', 'Fork or rewind …');
    await expect(page.getByRole('dialog')).toContainText('right');
    // Step 0, which 20 divides; the last two. The best is one of them, or step 2.
    await expect(checkpoint(0)).toBeVisible();
    await expect(checkpoint(3)).toBeVisible();
    await expect(checkpoint(4)).toBeChecked();
    await expect(checkpoint(1)).toHaveCount(0);
    expect(await seriousViolations(page)).toEqual([]);
    await checkpoint(3).check();
    await button('Set up a fork').click();
    await expect(page.getByText('A fork of “Aha, quick look” at step 3')).toBeVisible();
    await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('6');
    await page.getByLabel('Rollouts per query', { exact: true }).fill('2');
    await button('Run').click();
    await eventually(status).toHaveText('finished');
    await expect(run.getByRole('heading')).toHaveText('Aha, quick look, fork of step 3');
    await expect(page.getByRole('progressbar', { name: 'Steps' })).toHaveAttribute('aria-valuenow', '6');
    await expect(run).toContainText('Forked at step 3 from Aha, quick look.');
    await expect(page.getByText('Thin lines: the run it was forked from.')).toBeVisible();
    expect(await seriousViolations(page)).toEqual([]);
  });

  await test.step('it is taken back to a kept checkpoint, and goes on from there', async () => {
    await openMenu('Aha, quick look, fork of step 3', 'Fork or rewind …');
    await expect(checkpoint(6)).toBeChecked();
    await expect(button('Rewind')).toBeDisabled();
    await checkpoint(5).check();
    await button('Rewind and delete 1 step').click();
    await expect(status).toHaveText('stopped');
    await expect(page.getByRole('progressbar', { name: 'Steps' })).toHaveAttribute('aria-valuenow', '5');
    await button('Continue').click();
    await eventually(status).toHaveText('finished');
    await expect(page.getByRole('progressbar', { name: 'Steps' })).toHaveAttribute('aria-valuenow', '6');
  });

  await test.step('the two are compared', async () => {
    await button('Compare the two').click();
    await expect(page.getByRole('heading', { name: 'Chosen runs' })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Runs', exact: true })).toContainText('fork of step 3');
    await page.goBack();
    await run.getByRole('button', { name: 'Aha, quick look', exact: true }).click();
    await expect(run.getByRole('heading')).toHaveText('Aha, quick look');
  });

  await test.step('what it takes is shown, and checkpoints go when told to', async () => {
    await page.getByRole('button', { name: /^Runs/ }).click();
    await expect(page.getByText(/^The runs take [\d.]+ MB\.$/)).toBeVisible();
    await button('Storage …').click();
    expect(await seriousViolations(page)).toEqual([]);
    const remove = page.getByRole('button', { name: /^Delete \d checkpoints of 2 runs, [\d.]+ MB$/ });
    await remove.click();
    await expect(button('No checkpoint to delete')).toBeDisabled();
    await page.getByLabel('Budget in MB').fill('1');
    await page.keyboard.press('Escape');
    await expect(page.getByText(/more than their budget of 1 MB\. Nothing is deleted/)).toBeVisible();
  });
});
