/** A policy with the calculator, on the real engine: chosen in the form, taught by a short cold start, its calls read. */
import { expect, test, type Page } from '@playwright/test';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';
import { watchedPage } from './watched-page.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

/** Enough for the tiny model to write a call in every response, and hardly more. */
const SETTINGS: Record<string, Record<string, number>> = {
  'Cold start (SFT)': { 'SFT steps': 24, 'How many': 64, 'Batch size': 8, 'Learning rate': 0.005 },
  Rollouts: { 'Queries per step': 2, 'Rollouts per query': 2, 'Response limit': 48 },
  Schedule: { Steps: 2, 'Evaluate every': 100, 'Checkpoint every': 100 },
  Evaluation: { Problems: 2 },
};

let page: Page;
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  page = await watchedPage(browser, errors);
  await page.goto('./');
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(() => page.context().close());

const section = (name: string) => page.getByRole('group', { name, exact: true });
const open = (name: string) => page.getByRole('button', { name, exact: true }).click();

test('the calculator is chosen in the form, with a cold start that shows calls', async () => {
  await open('Tools');
  await section('Tools').getByLabel('Interpreter', { exact: true }).selectOption('calculator');
  await open('Cold start (SFT)');
  await section('Cold start (SFT)').getByLabel('Demonstrations', { exact: true }).selectOption('direct');
  for (const [name, fields] of Object.entries(SETTINGS))
    for (const [label, value] of Object.entries(fields))
      await section(name).getByLabel(label, { exact: true }).fill(String(value));
});

test('its calls are counted', async () => {
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const run = page.getByRole('region', { name: 'Run', exact: true });
  await eventually(run.locator('.pill')).toHaveText('finished');
  const chart = page.getByRole('figure', { name: 'Calls a response' });
  await expect(chart).toHaveAccessibleDescription(/at step 26/);
});

test('a response shows what it called, what it was answered by and how long that took', async () => {
  await page.getByRole('tab', { name: 'Rollouts' }).click();
  const responses = page.getByRole('region', { name: 'Responses' }).getByRole('listitem');
  const card = responses.filter({ has: page.getByRole('list', { name: 'Calls' }) }).first();
  await expect(card).toBeVisible();
  const call = card.getByRole('list', { name: 'Calls' }).getByRole('listitem').first();
  const [code, output] = await call.locator('pre').allTextContents();
  expect(code).toMatch(/\d/);
  await expect(card.locator('.response')).toContainText(`<tool> ${code} <out> ${output.replace('-', '- ')}`);
  await expect(call).toContainText(/\d ms$/);
  await expect(card).toContainText(/\d+ tokens and \d+ of results/);
  expect(await seriousViolations(page, '.card-list')).toEqual([]);
});
