/** The Sandbox dialog of the built page: snippets, limits, and what is refused. */
import { expect, test, type BrowserContext, type Page } from '@playwright/test';
import { tinyWheel, type TinyWheel } from '../src/tools/packages/testing.ts';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

let context: BrowserContext;
let page: Page;
const errors: string[] = [];
const requested: string[] = [];

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => requested.push(request.url()));
  await page.goto('./');
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(() => context.close());

const dialog = () => page.getByRole('dialog', { name: 'Sandbox' });
const part = (name: string) => dialog().getByRole('region', { name, exact: true });
const run = async (code: string) => {
  await dialog().getByLabel('Code').fill(code);
  await dialog().getByRole('button', { name: 'Run' }).click();
  await eventually(dialog().getByText(/(Ended|Failed) after/)).toBeVisible();
};

test('the page opens without the interpreters', () => {
  expect(requested.filter((url) => /pyodide|python|quickjs|sandbox/i.test(url))).toEqual([]);
});

test('Python runs, offline, and its result is shown', async () => {
  await page.getByRole('button', { name: 'Sandbox' }).click();
  await run('from fractions import Fraction\nprint(Fraction(1, 3) + Fraction(1, 6))');
  await expect(part('Output')).toHaveText('1/2');
  await expect(part('What the model sees')).toHaveText('1/2');
  const origin = new URL(page.url()).origin;
  expect(requested.filter((url) => !url.startsWith(origin) && !/^(blob|data):/.test(url))).toEqual([]);
});

test('an error is shown in full, and as the model sees it', async () => {
  await run('x = 0\nprint(1 / x)');
  await expect(part('Error')).toContainText('line 2, in <module>');
  await expect(part('What the model sees')).toHaveText('ZeroDivisionError: division by zero');
  expect(await seriousViolations(page)).toEqual([]);
});

test('what is refused is said, and the next call works', async () => {
  await run('import js');
  await expect(dialog().getByText('Refused: a way out of the sandbox.')).toBeVisible();
  await dialog().getByLabel('Seconds').fill('1');
  await run('while True: pass');
  await expect(dialog().getByText('Stopped: it took longer than 1 s.')).toBeVisible();
  await run('print(6 * 7)');
  await expect(part('Output')).toHaveText('42');
});

test('a call can be stopped', async () => {
  await dialog().getByLabel('Seconds').fill('60');
  await dialog().getByLabel('Code').fill('while True: pass');
  await dialog().getByRole('button', { name: 'Run' }).click();
  await dialog().getByRole('button', { name: 'Stop' }).click();
  await eventually(dialog().getByRole('button', { name: 'Run' })).toBeEnabled();
});

test('a limit out of its range is not run', async () => {
  await dialog().getByLabel('Seconds').fill('61');
  await expect(dialog().getByText('Seconds: from 0.1 to 60')).toBeVisible();
  await expect(dialog().getByRole('button', { name: 'Run' })).toBeDisabled();
  await dialog().getByLabel('Seconds').fill('5');
});

test('a package is added, imported, named in the experiment, and removed', async () => {
  const list = dialog().getByRole('list');
  await dialog().getByRole('button', { name: 'Packages' }).click();
  await expect(dialog().getByText('No packages yet.')).toBeVisible();
  const file = async (name: string, wheel: TinyWheel) => {
    const buffer = Buffer.from(await tinyWheel(wheel));
    return { name, mimeType: 'application/zip', buffer };
  };
  const add = (...files: Awaited<ReturnType<typeof file>>[]) =>
    dialog().getByLabel('Files of packages').setInputFiles(files);
  const tiny = 'tiny-1.0-py3-none-any.whl';
  const needy = {
    package: 'needy',
    metadata: ['Requires-Dist: tiny<2'],
    files: { 'needy.py': 'import tiny' },
  };
  await add(
    await file('needy-1.0-py3-none-any.whl', needy),
    await file('fast.whl', { tag: 'cp314-cp314-win_amd64' }),
  );
  await expect(dialog().getByRole('alert').getByText('Only wheels of pure Python work')).toBeVisible();
  await expect(list.getByText('needy 1.0 needs tiny <2, which is not among the packages')).toBeVisible();
  await add(await file(tiny, {}));
  await expect(list.getByText('tiny 1.0, 0.0 MB')).toBeVisible();
  await expect(list.getByText('which is not among the packages')).toHaveCount(0);
  await add(await file('tiny-2.0-py3-none-any.whl', { version: '2.0' }));
  await expect(dialog().getByRole('alert').getByText('tiny is there already, version 1.0')).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);

  await run('import needy, tiny\nprint(tiny.answer)\ntiny.answer = 7');
  await expect(part('Output')).toHaveText('42');
  await run('import tiny\nprint(tiny.answer)');
  await expect(part('Output')).toHaveText('42');

  await dialog()
    .getByRole('button', { name: `Use ${tiny}` })
    .click();
  await expect(list.getByText('in the experiment')).toBeVisible();
  await dialog().getByRole('button', { name: 'Delete needy' }).click();
  await dialog().getByRole('button', { name: 'Delete now' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(1);
  await dialog().getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: /^Tools/ }).click();
  await expect(page.getByLabel('Packages', { exact: true })).toHaveValue(tiny);
  await page.getByRole('button', { name: 'Your own packages …' }).click();
  await expect(list.getByText('in the experiment')).toBeVisible();
});

test('JavaScript and the calculator', async () => {
  await dialog().getByLabel('Language').selectOption('JavaScript');
  await run('print([1, 2, 3].map((n) => n * n))');
  await expect(part('Output')).toHaveText('[1,4,9]');
  await dialog().getByLabel('Language').selectOption('Calculator');
  await run('( 15 * 3 ) + 14 = 59');
  await expect(part('Output')).toHaveText('yes');
});
