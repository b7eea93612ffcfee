/** An experiment travels by link: made from the form, opened on another page, accepted, run on top of the sender's curves. */
import { expect, test, type Page } from '@playwright/test';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';

test.setTimeout(300_000);

/** The button of the shared experiment, not the form's. */
const run = (page: Page) => page.getByRole('main').getByRole('button', { name: 'Run', exact: true });

const OWN = 'export default function reward({ response }) {\n  return response.length > 40 ? 1 : 0;\n}';

test('a link made in the form gives the same settings on another page, and changes nothing by itself', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('./');
  await page.getByLabel('Steps', { exact: true }).fill('17');
  await page.getByLabel('Name', { exact: true }).fill('Seventeen <img src=x onerror=alert(1)>');
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(page.getByRole('img', { name: 'QR code of the link' })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Copy link' }).click();
  const link = await page.evaluate(() => navigator.clipboard.readText());
  expect(link).toMatch(/#link=1\./);
  expect(await page.getByRole('textbox', { name: 'Link' }).inputValue()).toBe(link);

  const other = await context.newPage();
  await other.goto(link);
  await expect(
    other.getByRole('heading', { name: 'Shared with you: Seventeen <img src=x onerror=alert(1)>' }),
  ).toBeVisible();
  await expect(other.getByRole('row', { name: 'Steps 60 17' })).toBeVisible();
  expect(await seriousViolations(other)).toEqual([]);
  await other.getByRole('button', { name: 'Change settings first' }).click();
  await expect(other.getByLabel('Steps', { exact: true })).toHaveValue('17');
  await other.getByRole('button', { name: 'Runs', exact: true }).click();
  await expect(other.getByText('No runs yet', { exact: false })).toBeVisible();
});

test('a damaged link says so, and the page goes on', async ({ page }) => {
  await page.goto('./#link=1.AAAA');
  await expect(page.getByRole('heading', { name: 'This link cannot be opened' })).toBeVisible();
  await expect(page.getByText('it is damaged, or a part of it is missing')).toBeVisible();
  await page.getByRole('link', { name: 'To the start page' }).click();
  await expect(
    page.getByRole('heading', { name: 'Watch a model learn to check its own work' }),
  ).toBeVisible();
});

test('a run is shared with its curves, and run again on top of them', async ({ page, context }) => {
  await page.goto('./');
  const short = {
    'Queries per step': 2,
    'Rollouts per query': 4,
    'Response limit': 24,
    Steps: 2,
    Problems: 4,
  };
  for (const [label, value] of Object.entries(short))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const bar = page.getByRole('region', { name: 'Run', exact: true });
  await eventually(bar.locator('.pill')).toHaveText('finished');
  await bar.getByRole('button', { name: 'Share' }).click();
  await expect(page.getByLabel('with the curves of this run, 2 steps')).toBeChecked();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();

  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByRole('heading', { name: 'The sender’s curves' })).toBeVisible();
  await expect(other.getByRole('figure', { name: 'Accuracy' })).toHaveAccessibleDescription(
    /from .* at step 0/,
  );
  await eventually(run(other)).toBeEnabled();
  await run(other).click();
  await expect(
    other.getByText('Thin lines: the run of the person who shared this experiment.'),
  ).toBeVisible();
  await eventually(other.getByRole('region', { name: 'Run', exact: true }).locator('.pill')).toHaveText(
    'finished',
  );
  await other.reload();
  await expect(
    other.getByText('Thin lines: the run of the person who shared this experiment.'),
  ).toBeVisible();
});

test('somebody else’s function is shown and must be accepted', async ({ page, context }) => {
  await page.goto('./');
  await page.getByRole('button', { name: /Reward$/ }).click();
  await page.getByLabel('Own reward', { exact: true }).fill('1');
  await page.getByRole('textbox', { name: 'Own reward function' }).fill(OWN);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
  const other = await context.newPage();
  await other.goto(link);
  await expect(other.getByLabel('Reward function')).toHaveText(OWN);
  await expect(other.getByText('Read the function and accept it first.')).toBeVisible({ timeout: 60_000 });
  await expect(run(other)).toBeDisabled();
  await other.getByLabel('I have read it and want to run it').check();
  await expect(run(other)).toBeEnabled();
});
