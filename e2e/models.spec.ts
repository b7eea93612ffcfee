/** A person's own model: from a Hub with a bad connection, from a folder, from a run; used, taken away, deleted. */
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { startFakeHub, type FakeHub } from '../src/lab/hub/testing.ts';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const FOLDER = 'public/models/tiny-countdown';
const WEIGHTS = 'model.safetensors';
const files: Record<string, Buffer> = Object.fromEntries(
  ['config.json', WEIGHTS, 'tokenizer.json', 'tokenizer_config.json'].map((name) => [
    name,
    readFileSync(`${FOLDER}/${name}`),
  ]),
);

/** Short enough for a processor. */
const SHORT: Record<string, string> = {
  'Queries per step': '2',
  'Rollouts per query': '4',
  'Response limit': '32',
  Steps: '1',
  Problems: '4',
};

let hub: FakeHub;
let context: BrowserContext;
let page: Page;
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  hub = await startFakeHub(files);
  context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  // A refused or broken connection is told by the browser in the console too; that is what is tested here.
  context.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      errors.push(message.text());
  });
  context.on('weberror', (error) => errors.push(error.error().message));
  page = await context.newPage();
  await page.goto('./');
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(async () => {
  await context.close();
  hub.close();
});

const dialog = () => page.getByRole('dialog', { name: 'Models' });
const button = (name: string) => dialog().getByRole('button', { name, exact: true });
const stored = () => dialog().getByRole('region', { name: /^Stored in this browser/ });
const open = () => page.getByRole('button', { name: 'Models', exact: true }).click();
const close = () => button('Close').click();
const run = () => page.locator('button[type=submit]', { hasText: /^Run$/ });
const baseModel = () => page.getByLabel('Base model', { exact: true });

/** With the Hub's address as it was entered before. */
async function download(id: string): Promise<void> {
  await dialog().getByLabel('Model', { exact: true }).fill(id);
  await button('Download').click();
}

test('a gated model asks for a token, and a model that is not there is named', async () => {
  await open();
  await expect(stored()).toContainText('No model yet');
  await dialog().getByText('Version, access token, mirror').click();
  await dialog().getByLabel('Address of the Hub').fill(hub.url);
  await download('test/gated');
  await expect(dialog().getByRole('alert')).toContainText('accept its terms');
  await download('test/none');
  await expect(dialog().getByRole('alert')).toContainText('There is no model test/none');
  await expect(stored()).toContainText('No model yet');
});

test('a download whose connection ends for good is kept by half, survives a reload and goes on from there', async () => {
  hub.holdAfter(WEIGHTS, 100_000);
  // Three new tries follow.
  hub.cutAfter(WEIGHTS, 0, 0, 0);
  await download('test/tiny');
  const progress = dialog().getByRole('progressbar', { name: WEIGHTS });
  await expect.poll(async () => Number(await progress.getAttribute('value'))).toBeGreaterThan(0);
  hub.cut();
  await expect(dialog().getByRole('alert')).toContainText('What came is kept', { timeout: 60_000 });
  await expect(stored()).toContainText('not complete');
  expect(await seriousViolations(page)).toEqual([]);

  await page.reload();
  hub.begins[WEIGHTS] = [];
  await open();
  await button('Continue test/tiny').click();
  await expect(dialog().getByRole('status').getByText('“test/tiny” is stored')).toBeVisible();
  expect(hub.begins[WEIGHTS]).toHaveLength(1);
  expect(hub.begins[WEIGHTS][0]).toBeGreaterThan(0);
  await expect(stored()).toContainText('552 kB, from the Hub at 01234567');
});

test('an experiment begins with it', async () => {
  await button('Use test/tiny').click();
  await expect(stored()).toContainText('in the experiment');
  await close();
  await page.getByRole('button', { name: /^Model ?1 changed$/ }).click();
  await expect(baseModel()).toHaveValue('test/tiny');
  for (const [label, value] of Object.entries(SHORT))
    await page.getByLabel(label, { exact: true }).fill(value);
  await run().click();
  const status = page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
  await eventually(status).toHaveText('finished');
});

test('what the run has learned is stored as a model, and taken away as a directory', async () => {
  await open();
  await button('Store as a model').click();
  await expect(stored()).toContainText('from a run');
  const saving = page.waitForEvent('download');
  await button('Download for transformers').click();
  const zip = readFileSync(await (await saving).path());
  for (const name of [...Object.keys(files), 'generation_config.json']) expect(zip.includes(name)).toBe(true);
  expect(zip.length).toBeGreaterThan(files[WEIGHTS].length);
});

test('a chosen folder is looked at before it is copied', async () => {
  const choose = (names: readonly string[]) =>
    dialog()
      .getByLabel('Files of a model')
      .setInputFiles(names.map((name) => ({ name, mimeType: '', buffer: files[name] })));
  await choose(['config.json', 'tokenizer.json', 'tokenizer_config.json']);
  await button('Store in this browser').click();
  await expect(dialog().getByRole('alert')).toContainText('model.safetensors: there is no such file');
  await choose(Object.keys(files));
  await dialog().getByLabel('Name of the model').fill('mine');
  await button('Store in this browser').click();
  await expect(stored()).toContainText('mine');
  await expect(stored()).toContainText('552 kB, from this computer');
});

test('a deleted model is gone, and an experiment that names it says so', async () => {
  await button('Delete test/tiny').click();
  await button('Delete now').click();
  await expect(stored().getByText('test/tiny')).toHaveCount(0);
  await close();
  await expect(baseModel()).toHaveValue('test/tiny');
  await run().click();
  await expect(page.getByText('There is no model “test/tiny” in this browser').first()).toBeVisible();
});
