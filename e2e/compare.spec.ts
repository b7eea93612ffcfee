/** A comparison of two arms on the real engine: planned, lost half-way with the tab, continued, and read. */
import { expect, test, type Page } from '@playwright/test';
import { readFile } from 'node:fs/promises';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';
import { RESPONSIVE_MS, traceTasks } from './tasks.ts';
import { watchedPage } from './watched-page.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const STEPS = 3;
const SETTINGS: Record<string, number> = {
  Seeds: 1,
  Steps: STEPS,
  'Queries per step': 2,
  'Rollouts per query': 4,
  'Response limit': 48,
  Problems: 8,
};

let page: Page;
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  page = await watchedPage(browser, errors);
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(() => page.context().close());

const button = (name: string) => page.getByRole('button', { name, exact: true });
const cell = (arm: string) => page.getByRole('row', { name: arm }).getByRole('button');
const chart = (name: string) => page.getByRole('figure', { name });

test('it is chosen from the catalogue and shortened', async () => {
  await page.goto('./');
  await button('Compare').click();
  await expect(page).toHaveURL(/#compare$/);
  await page.getByLabel('Comparison', { exact: true }).selectOption({ label: 'Refreshing the reference' });
  await expect(page.getByRole('row', { name: 'kl.ref_model_sync_steps' })).toContainText('10');
  await expect(page.getByText('Replacing the reference lets training go on')).toBeVisible();

  const shared = page.getByRole('group', { name: 'For all arms' });
  await shared.getByLabel('Seeds', { exact: true }).fill('0');
  await expect(shared.getByText('Expected: whole number from 1 to 20.')).toBeVisible();
  await expect(button('Run comparison')).toBeDisabled();
  for (const [label, value] of Object.entries(SETTINGS))
    await shared.getByLabel(label, { exact: true }).fill(String(value));
  await expect(page.getByText('2 runs, 6 steps in all.')).toBeVisible({ timeout: 120_000 });
  expect(await seriousViolations(page)).toEqual([]);
});

test('its runs wait for their turn; a reload interrupts it', async () => {
  await button('Run comparison').click();
  await eventually(cell('fixed reference')).toContainText('running');
  await expect(cell('refreshed')).toContainText('waiting');
  await expect(page.getByText('No run is finished yet.')).toBeVisible();
  await button('Pause').click();
  await eventually(cell('fixed reference')).toContainText('paused');
  await page.reload();
  await expect(cell('fixed reference')).toContainText('interrupted');
  await expect(cell('refreshed')).toContainText('waiting');
});

test('it goes on to its end with what is unfinished, and the page stays responsive', async () => {
  await eventually(button('Continue')).toBeEnabled();
  await button('Continue').click();
  await eventually(cell('fixed reference')).toContainText('running');
  const tasks = await traceTasks(page, () => eventually(cell('refreshed')).toContainText('finished'));
  test.info().annotations.push({ type: 'main thread', description: JSON.stringify(tasks) });
  expect(tasks.recurringMs, JSON.stringify(tasks)).toBeLessThan(RESPONSIVE_MS);
  await expect(cell('fixed reference')).toContainText('finished');
  await expect(button('Continue')).toBeHidden();
});

test('both curves, the settings that differ, the ends and the verdict can be read', async () => {
  for (const name of ['Accuracy, held out', 'Response length', 'Entropy'])
    await expect(chart(name)).toHaveAccessibleDescription(
      /fixed reference: from \d.* at step [01] to \d.* at step 3\. refreshed: from \d.* at step [01] to \d.* at step 3\./,
    );
  await expect(chart('Entropy').locator('path.recharts-line-curve')).toHaveCount(2);

  const settings = page.getByRole('region', { name: 'Settings that differ' }).getByRole('row');
  await expect(settings).toHaveText([/fixed reference.*refreshed/, /kl\.ref_model_sync_steps.*0.*10/]);

  const ends = page.getByRole('region', { name: 'At the end of the runs' });
  await expect(ends.getByRole('row', { name: /^refreshed 1 \d/ })).toBeVisible();

  const verdict = page.getByRole('region', { name: 'Verdict' });
  await expect(verdict).toContainText('not told apart');
  await expect(verdict.getByRole('listitem')).toContainText('undecided');
  await expect(verdict.getByRole('listitem')).toContainText('refreshed minus fixed reference is');
  expect(await seriousViolations(page)).toEqual([]);
});

test('the report and its picture can be taken along', async () => {
  const take = async (name: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), button(name).click()]);
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') };
  };
  const report = await take('Download report');
  expect(report.name).toBe('reference-refresh.md');
  expect(report.text).toContain('(reference-refresh.svg)');
  expect(report.text).toContain('| `kl.ref_model_sync_steps` | 0 | 10 |');
  const picture = await take('Download picture');
  expect(picture.name).toBe('reference-refresh.svg');
  expect(picture.text).toMatch(/^<svg[^]*fixed reference[^]*<polyline points="\d/);
});

test('equal runs are not computed again', async () => {
  await button('All comparisons').click();
  await page.getByLabel('Comparison', { exact: true }).selectOption({ label: 'Refreshing the reference' });
  const shared = page.getByRole('group', { name: 'For all arms' });
  for (const [label, value] of Object.entries(SETTINGS))
    await shared.getByLabel(label, { exact: true }).fill(String(value));
  await expect(page.getByText('2 runs, 6 steps in all; 2 are stored already.')).toBeVisible();
  await button('Run comparison').click();
  await expect(cell('refreshed')).toContainText('finished');
  await expect(button('Continue')).toBeHidden();
});

test('stored runs are chosen by hand and laid side by side', async () => {
  await page.getByRole('button', { name: /^Runs/ }).click();
  await page.getByText('2 of 2 runs finished').first().click();
  await button('Actions for Refreshing the reference: refreshed, seed 0').click();
  await page.getByRole('menuitem', { name: 'Compare with …' }).click();
  await expect(button('Compare').last()).toBeDisabled();
  await page.getByRole('checkbox', { name: /fixed reference, seed 0/ }).check();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('dialog').getByRole('button', { name: 'Compare' }).click();
  await expect(page).toHaveURL(/#runs=/);
  await expect(page.getByRole('heading', { name: 'Chosen runs' })).toBeVisible();
  await expect(chart('Response length')).toHaveAccessibleDescription(
    /refreshed, seed 0: from .* fixed reference, seed 0: from /,
  );
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Refreshing the reference' })).toBeVisible();
});

test('the comparison is deleted with its runs', async () => {
  await button('Delete …').click();
  await expect(page.getByRole('alertdialog')).toContainText('cannot be undone');
  await button('Delete').click();
  await expect(page.getByText('No runs yet.')).toBeVisible();
});
