/** A person's way through the page, on the real engine: start, watch, pause, lose the tab, continue, tidy up. */
import { expect, test, type Page } from '@playwright/test';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';
import { RESPONSIVE_MS, traceTasks } from './tasks.ts';
import { watchedPage } from './watched-page.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const STEPS = 30;
/** The quick preset, made short enough for a processor. */
const SETTINGS: Record<string, number> = {
  'Queries per step': 2,
  'Rollouts per query': 4,
  'Response limit': 48,
  Steps: STEPS,
  'Evaluate every': 10,
  'Checkpoint every': 2,
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
const status = () => page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
const progress = () => page.getByRole('progressbar', { name: 'Steps' });
const stepShown = async () => Number(await progress().getAttribute('aria-valuenow'));
const reached = (step: number) => eventually.poll(stepShown).toBeGreaterThanOrEqual(step);
const chart = (name: string) => page.getByRole('figure', { name });

test('the quick preset is chosen and shortened in the form', async () => {
  await page.goto('./');
  await expect(
    page.getByRole('heading', { name: 'Watch a model learn to check its own work' }),
  ).toBeVisible();
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  await page.getByLabel('Steps', { exact: true }).fill('0');
  await expect(page.getByText('Expected: whole number from 1 to 1,000,000.')).toBeVisible();
  for (const [label, value] of Object.entries(SETTINGS)) {
    await page.getByLabel(label, { exact: true }).fill(String(value));
  }
  await expect(page.getByText(`${Object.keys(SETTINGS).length - 1} changed from the preset`)).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
});

test('it runs: steps, curves and responses arrive, and the page stays responsive', async () => {
  await button('Run').click();
  await eventually(status()).toHaveText('running');
  await reached(1);
  await page.getByRole('tab', { name: 'Rollouts' }).click();

  // The list's first drawing is the click's doing, not the training's.
  const responses = page.getByRole('region', { name: 'Responses' }).getByRole('listitem');
  await expect(responses.first()).toBeVisible();
  await reached((await stepShown()) + 1);
  const before = await stepShown();
  const tasks = await traceTasks(page, () => reached(before + 5));
  test.info().annotations.push({ type: 'main thread', description: JSON.stringify(tasks) });
  expect(tasks.count).toBeGreaterThan(0);
  expect(tasks.recurringMs, JSON.stringify(tasks)).toBeLessThan(RESPONSIVE_MS);

  await eventually(chart('Accuracy')).toHaveAccessibleDescription(
    /train: from .* at step 1 to .* at step \d/,
  );
  await expect(chart('Reward').locator('path.recharts-line-curve').first()).toHaveAttribute('d', /L/);
  await expect(responses.first()).toContainText(/Reward\s*[01]/);
  await expect(responses.first()).toContainText('tokens');
});

test('it pauses at a safe point and resumes', async () => {
  await button('Pause').click();
  await eventually(status()).toHaveText('paused');
  const at = await stepShown();
  expect(at).toBeLessThan(STEPS);
  expect(await seriousViolations(page)).toEqual([]);
  expect(await stepShown(), 'no step is made at rest').toBe(at);
  await button('Resume').click();
  await reached(at + 2);
});

test('a reload interrupts it, and it goes on from its checkpoint to its end', async () => {
  await page.reload();
  await eventually(status()).toHaveText(/^interrupted at step \d+$/);
  const at = await stepShown();
  expect(at).toBeGreaterThan(5);
  expect(at).toBeLessThan(STEPS);
  await eventually(button('Continue')).toBeEnabled();
  await button('Continue').click();
  await eventually(status()).toHaveText('running');
  await eventually(status()).toHaveText('finished');
  expect(await stepShown()).toBe(STEPS);
  await expect(chart('Accuracy')).toHaveAccessibleDescription(
    new RegExp(`train: from .* at step 1 to .* at step ${STEPS}\\.`),
  );
  await expect(page.getByLabel('Compare step 0 with step').getByRole('option')).toHaveText([
    '0',
    '10',
    '20',
    '30',
  ]);
  expect(await seriousViolations(page)).toEqual([]);
});

test('every step is kept once', async () => {
  await page.getByRole('tab', { name: 'Rollouts' }).click();
  const step = page.getByRole('spinbutton', { name: 'Step', exact: true });
  await expect(step).toHaveValue(String(STEPS));
  for (const number of [1, 7, STEPS - 1]) {
    await step.fill(String(number));
    await expect(page.getByText('8 of 8 responses')).toBeVisible();
  }
});

test('without WebGPU the page says what to do, and stored runs can be read', async () => {
  const other = await page.context().newPage();
  await other.route('**/worker-*.js', async (route) => {
    const response = await route.fetch();
    const hide = `Object.defineProperty(navigator, 'gpu', { value: undefined });\n`;
    await route.fulfill({ response, body: hide + (await response.text()) });
  });
  await other.goto('./');
  await eventually(other.getByRole('heading', { name: 'This browser does not offer WebGPU' })).toBeVisible();
  expect(await seriousViolations(other)).toEqual([]);
  await expect(other.getByRole('button', { name: 'Run', exact: true })).toBeDisabled();

  await other.getByRole('button', { name: /^Runs/ }).click();
  await other.getByRole('button', { name: /^Aha, quick look/ }).click();
  await expect(other.getByRole('figure', { name: 'Accuracy' })).toHaveAccessibleDescription(/at step 30/);
  await expect(other.getByText('No GPU engine here: this run can be read, not continued.')).toBeVisible();
  await other.close();
});

test('the run is renamed and deleted', async () => {
  await page.getByRole('button', { name: /^Runs/ }).click();
  await button('Actions for Aha, quick look').click();
  await page.getByRole('menuitem', { name: 'Rename …' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('My first run');
  await button('Rename').click();
  await expect(page.getByRole('heading', { name: 'My first run' })).toBeVisible();

  await button('Actions for My first run').click();
  await page.getByRole('menuitem', { name: 'Delete …' }).click();
  await expect(page.getByRole('alertdialog')).toContainText('cannot be undone');
  expect(await seriousViolations(page)).toEqual([]);
  await button('Delete').click();
  await expect(page.getByText('No runs yet.')).toBeVisible();
  await page.reload();
  await page.getByRole('button', { name: /^Runs/ }).click();
  await expect(page.getByText('No runs yet.')).toBeVisible();
});
