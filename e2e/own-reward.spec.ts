/** A person's own reward function: written, tested in the worker, run, and tested again on what was stored. */
import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { eventually } from './eventually.ts';
import { watchedPage } from './watched-page.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const WEIGHT = 0.5;
/** What a response earns can be read off its card. */
const LENGTH = 'function reward({ length }) {\n  return length;\n}';

let page: Page;
const errors: string[] = [];
const requested: string[] = [];

test.beforeAll(async ({ browser }) => {
  page = await watchedPage(browser, errors);
  page.context().on('request', (request) => requested.push(request.url()));
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(() => page.context().close());

const run = () => page.getByRole('form').locator('[type=submit]');
const code = () => page.getByRole('textbox', { name: 'Own reward function' });
const testButton = () => page.getByRole('button', { name: /^Test on/ });
const tested = () => page.getByRole('region', { name: 'Tested responses' });
const blocked = () => page.getByRole('form').getByText('Test the own reward function first.');

async function seriousViolations(): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const serious = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
    found.push(
      ...serious.map(
        (v) => `${colorScheme}: ${v.id} at ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`,
      ),
    );
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
}

test('it must be tested before a run can use it', async () => {
  await page.goto('./');
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  const settings = {
    'Queries per step': 2,
    'Rollouts per query': 4,
    'Response limit': 48,
    Steps: 2,
    Problems: 4,
  };
  for (const [label, value] of Object.entries(settings))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  await eventually(run()).toBeEnabled();

  await page.getByRole('button', { name: /Reward$/ }).click();
  await page.getByLabel('Start from an example').selectOption({ label: 'A check before the box' });
  await expect(page.getByText('The weight of the own reward is 0')).toBeVisible();
  await expect(run()).toBeEnabled();
  await page.getByLabel('Own reward', { exact: true }).fill(String(WEIGHT));
  await expect(blocked()).toBeVisible();
  await expect(run()).toBeDisabled();
  expect(requested.filter((url) => url.includes('custom-reward'))).toEqual([]);

  await testButton().click();
  await eventually(page.getByText('It judged 6 sample responses')).toBeVisible();
  await expect(page.getByText('Mean value: right 0.5, wrong 0.5.')).toBeVisible();
  await expect(run()).toBeEnabled();
  const origin = new URL(page.url()).origin;
  expect(requested.filter((url) => !url.startsWith(origin) && !url.startsWith('data:'))).toEqual([]);
});

for (const [what, body, message] of [
  ['does not compile', 'const = 1;', /^SyntaxError: .* \(line 2\)$/],
  ['throws', 'return answer.words.length;', 'It failed on 6 of 6 sample responses of the base model.'],
  ['never ends', 'for (;;);', 'It failed on 6 of 6 sample responses of the base model.'],
] as const) {
  test(`one that ${what} is shown with its error, and cannot be run`, async () => {
    await code().fill(`function reward({ answer }) {\n  ${body}\n}`);
    await expect(blocked()).toBeVisible();
    await testButton().click();
    await eventually(page.getByText(message)).toBeVisible();
    if (what === 'throws') await expect(tested()).toContainText(/TypeError: .*length.* \(line 2\)/);
    if (what === 'never ends') await expect(tested()).toContainText('It was stopped: it did more than');
    await expect(run()).toBeDisabled();
    expect(await seriousViolations()).toEqual([]);
  });
}

test('an example replaces a person’s own text, which can be had back', async () => {
  await code().fill(LENGTH);
  await page.getByLabel('Start from an example').selectOption({ label: 'Repeated equations cost' });
  await expect(code()).toHaveValue(/Set\(equations\)/);
  await page.getByRole('button', { name: 'Back to your own text' }).click();
  await expect(code()).toHaveValue(LENGTH);
});

test('the run earns it: the term stands on each response', async () => {
  await testButton().click();
  await eventually(page.getByText('It judged 6 sample responses')).toBeVisible();
  await run().click();
  await eventually(page.getByRole('region', { name: 'Run', exact: true }).locator('.pill')).toHaveText(
    'finished',
  );
  await page.getByRole('tab', { name: 'Rollouts' }).click();
  await expect(page.getByText('8 of 8 responses')).toBeVisible();
  const card = page.getByRole('region', { name: 'Responses' }).getByRole('listitem').first();
  const length = Number(/(\d+) tokens/.exec(await card.innerText())![1]);
  await expect(card).toContainText(`custom ${WEIGHT * length}`);
});

test('it is tested on a stored step, and the values are those that the run learnt from', async () => {
  await expect(testButton()).toHaveText('Test on stored rollouts');
  for (const step of ['', '1']) {
    await page.getByLabel('of step').fill(step);
    await testButton().click();
    await eventually(page.getByText(`It judged 8 responses of step ${step || 2}`)).toBeVisible();
    const rows = await tested().getByRole('row').allInnerTexts();
    expect(rows).toHaveLength(9);
    for (const row of rows.slice(1)) {
      const [, , tokens, value] = row.split('\t');
      expect(value).toBe(tokens);
    }
  }
  await page.getByLabel('of step').fill('9');
  await testButton().click();
  await expect(page.getByText('No responses are kept for step 9: choose one from 1 to 2.')).toBeVisible();

  await code().press('End');
  await code().pressSequentially(' ');
  await expect(blocked()).toBeVisible();
});

test('it can be used by keyboard and on a narrow screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  await page.getByLabel('of step').fill('');
  await code().focus();
  for (const name of ['preset: empty', 'Start from an example', /^Test on/]) {
    await page.keyboard.press('Tab');
    await expect(page.getByRole('group', { name: 'Reward' }).locator(':focus')).toHaveAccessibleName(name);
  }
  await page.keyboard.press('Enter');
  await eventually(page.getByText('It judged 8 responses of step 2')).toBeVisible();
  await tested().scrollIntoViewIfNeeded();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await tested().evaluate((region) => region.scrollWidth - region.clientWidth)).toBeLessThanOrEqual(0);
  expect(await seriousViolations()).toEqual([]);
});
