/** A person's own questions: a file is dropped, its report read, kept, and asked by an experiment. */
import { expect, test, type Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { countdown } from '../src/tasks/countdown/index.ts';
import { seriousViolations } from './axe.ts';
import { eventually } from './eventually.ts';
import { OCCURRENCES, RESPONSIVE_MS, traceTasks } from './tasks.ts';
import { watchedPage } from './watched-page.ts';

test.describe.configure({ mode: 'serial' });
test.setTimeout(600_000);

const FORMULAS = [
  'question,answer,level',
  '"Find $x$ if $x^2 = \\frac{9}{4}$ and $x > 0$.",\\frac{3}{2},12',
  '"Prove that $1 + 1 = 2$.",yes,1',
  'one,cell,too,many',
  '"=HYPERLINK(""http://x"")",,1',
  '"Compute \\href{javascript:alert(1)}{this}: $\\href{javascript:alert(1)}{\\frac{1}{2}}$.",1/2,1',
  ...Array.from({ length: 60 }, (_, i) => `What is ${i} + ${i}?,${2 * i},1`),
].join('\n');

/** In the words of the shipped model. */
const puzzles = (count: number) =>
  countdown
    .split('train')
    .slice(0, count)
    .map(({ prompt, answer }) => JSON.stringify({ prompt, answer }))
    .join('\n');

let page: Page;
const errors: string[] = [];

test.beforeAll(async ({ browser }) => {
  page = await watchedPage(browser, errors);
  await page.goto('./');
});
test.afterEach(() => expect(errors).toEqual([]));
test.afterAll(() => page.context().close());

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog', { name: 'Your own questions' });
const stored = () => dialog().getByRole('region', { name: 'Stored in this browser' });
const run = () => page.locator('button[type=submit]', { hasText: /^Run$/ });
const closeDialog = () => dialog().getByRole('button', { name: 'Close' }).click();

async function drop(name: string, text: string): Promise<void> {
  const data = await page.evaluateHandle(
    ([fileName, content]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([content], fileName));
      return transfer;
    },
    [name, text] as const,
  );
  const zone = page.locator('.drop-zone');
  await zone.dispatchEvent('dragover', { dataTransfer: data });
  await zone.dispatchEvent('drop', { dataTransfer: data });
}

test('a dropped file is reported: what is kept, with its formulas, and what is not, with the reason', async () => {
  await button('Data').first().click();
  await expect(stored()).toContainText('No data set yet.');
  await drop('formulas.csv', FORMULAS);
  await expect(dialog().getByText('62 questions kept, 3 rows dropped.')).toBeVisible();

  const kept = dialog().getByRole('region', { name: 'Kept questions' });
  await expect(kept.locator('.katex').first()).toBeVisible();
  await expect(kept.getByRole('row').nth(1)).not.toContainText('$');
  await expect(kept.getByRole('link')).toHaveCount(0);
  await dialog().getByRole('button', { name: 'Next page' }).click();
  await expect(dialog().getByText('21 to 40 of 62')).toBeVisible();

  await dialog().getByRole('tab', { name: 'Dropped (3)' }).click();
  const rows = dialog().getByRole('region', { name: 'Dropped rows' }).getByRole('row');
  await expect(rows).toHaveCount(4);
  await dialog().getByLabel('Reason').selectOption('malformed line');
  await expect(rows).toHaveCount(2);
  await expect(rows.nth(1)).toContainText('4');
  await expect(rows.nth(1)).toContainText('it has 4 cells, the first row 3');
  await expect(rows.nth(1)).toContainText('one,cell,too,many');
  expect(await seriousViolations(page)).toEqual([]);

  const saved = page.waitForEvent('download');
  await button('Download all as CSV').click();
  const file = await saved;
  expect(file.suggestedFilename()).toBe('formulas-dropped.csv');
  const csv = readFileSync(await file.path(), 'utf8').split('\r\n');
  expect(csv).toHaveLength(4);
  expect(csv[0]).toBe('line,reason,detail,text');
  expect(csv[3]).toMatch(/^5,answer not parsable,.*'=HYPERLINK/);
});

test('what cannot be read says why', async () => {
  await drop('odd.csv', 'a,b\n1,2');
  await expect(dialog().getByRole('alert')).toContainText('No column holds questions');
  await drop('proofs.jsonl', '{"question": "Prove it.", "answer": "1"}');
  await expect(dialog().getByText('No row can be used')).toBeVisible();
});

test('it is stored by name, and the form asks it', async () => {
  await drop('formulas.csv', FORMULAS);
  await dialog().getByLabel('Name', { exact: true }).fill('Formulas');
  await button('Store in this browser').click();
  await expect(stored().getByText('62 of 65 rows, levels 1 to 12')).toBeVisible();
  await button('Use in the experiment').click();
  await expect(stored().getByText('in the experiment')).toBeVisible();
  await closeDialog();
  await expect(button('Data').first()).toBeFocused();

  await page.getByRole('button', { name: /^Data\d+ changed/ }).click();
  await expect(page.getByLabel('Task', { exact: true })).toHaveValue('imported');
  await expect(page.getByLabel('Data set', { exact: true })).toHaveValue('Formulas');
  await page.getByRole('button', { name: 'More of Data' }).click();
  await expect(page.getByLabel('Hardest level', { exact: true })).toHaveValue('12');
  expect(await seriousViolations(page)).toEqual([]);
});

test('a model that cannot read the questions is refused before a run is made', async () => {
  await eventually(run()).toBeEnabled();
  await run().click();
  await expect(page.getByRole('alert').first()).toContainText(/The base model cannot read \d+ of the \d+/);
  await button('Dismiss').click();
  await expect(page.getByRole('button', { name: /^Runs$/ })).toBeVisible();
});

test('a file of five megabytes leaves the page responsive', async () => {
  await button('Your own questions …').click();
  const line = (i: number) =>
    `"In a garden of $${i}$ rows with \\(${i}^2\\) trees each grow apples. ${'They are red. '.repeat(6)}How many trees are that?",${i ** 3}`;
  const rows = Array.from({ length: 32_000 }, (_, i) => line(i % 30_000));
  const text = ['question,answer', ...rows].join('\n');
  expect(text.length).toBeGreaterThan(5e6);
  // By its path: a buffer would be decoded on the page's main thread.
  const large = test.info().outputPath('large.csv');
  writeFileSync(large, text);
  await dialog()
    .getByLabel('File of questions and answers')
    .setInputFiles({ name: 'small.jsonl', mimeType: '', buffer: Buffer.from(puzzles(3)) });
  await expect(dialog().getByText('3 questions kept')).toBeVisible();
  const once = async () => {
    await dialog().getByLabel('File of questions and answers').setInputFiles(large);
    await eventually(dialog().getByText('30,000 questions kept, 2,000 rows dropped.')).toBeVisible();
    await button('Store in this browser').click();
    await eventually(dialog().getByText('Stored as “large.csv”.')).toBeVisible();
    await dialog().getByRole('tab', { name: 'Dropped (2,000)' }).click();
    await expect(dialog().getByText('same question as line 2', { exact: true })).toBeVisible();
  };
  const tasks = await traceTasks(page, async () => {
    for (let i = 1; i < OCCURRENCES; i++) {
      await once();
      await button('Delete large.csv').click();
      await button('Delete now').click();
      await expect(stored().getByText('large.csv')).toHaveCount(0);
    }
    await once();
  });
  test.info().annotations.push({ type: 'main thread', description: JSON.stringify(tasks) });
  expect(tasks.recurringMs, JSON.stringify(tasks)).toBeLessThan(RESPONSIVE_MS);
});

test('a data set is renamed and deleted; a name that is taken is refused', async () => {
  await button('Rename large.csv').click();
  await dialog().getByLabel('New name of large.csv').fill('Formulas');
  await button('Rename').click();
  await expect(dialog().getByRole('alert')).toContainText('There already is a data set "Formulas"');
  await button('Delete large.csv').click();
  await button('Delete now').click();
  await expect(stored().getByText('large.csv')).toHaveCount(0);
  await button('Rename Formulas').click();
  await dialog().getByLabel('New name of Formulas').fill('Renamed');
  await button('Rename').click();
  await expect(stored().getByText('in the experiment')).toBeVisible();
  await closeDialog();
  await expect(page.getByLabel('Data set', { exact: true })).toHaveValue('Renamed');
});

test('questions in the model’s words are asked, and a run goes on only with the same ones', async () => {
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  await button('Your own questions …').click();
  await drop('puzzles.jsonl', puzzles(60));
  await button('Store in this browser').click();
  await button('Use in the experiment').click();
  await closeDialog();
  const settings = {
    'Queries per step': 2,
    'Rollouts per query': 4,
    'Response limit': 48,
    Steps: 2,
    Problems: 2,
    'Pass-rate samples': 2,
    'Lowest pass rate': 0,
  };
  for (const [label, value] of Object.entries(settings))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  const further = page.getByLabel('Further sets', { exact: true });
  await further.fill('modular, arrows:1');
  await eventually(run()).toBeEnabled();
  await run().click();
  await expect(page.getByRole('alert').first()).toContainText(
    'cannot read 2 of the 2 questions of the further set “modular”',
  );
  await further.fill('arrows:1');
  await run().click();
  const status = page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
  await eventually(status).toHaveText('finished');
  await page.getByRole('tab', { name: 'Rollouts' }).click();
  await expect(page.getByRole('region', { name: 'Responses' })).toContainText(/\d+ \d+ \d+ -> \d+ A:/);
  await expect(page.getByRole('figure', { name: 'Accuracy on arrows:1' })).toHaveAccessibleDescription(
    /eval greedy: from .* at step 0 to .* at step 2\./,
  );
  await page.getByRole('tab', { name: 'Evaluations' }).click();
  const ends = page.getByRole('tabpanel').getByRole('row');
  await expect(ends).toHaveText([/^Set/, /^imported\d.*→/, /^arrows:1\d.*→/]);
  expect(await seriousViolations(page)).toEqual([]);

  await button('Your own questions …').click();
  await button('Delete puzzles.jsonl').click();
  await button('Delete now').click();
  await closeDialog();
  await run().click();
  await expect(page.getByRole('alert').first()).toContainText('There is no data set “puzzles.jsonl” here');
});

test('demonstrations of one’s own are stored, and a cold start learns from them', async () => {
  const demonstrations = page.getByRole('dialog', { name: 'Your own demonstrations' });
  const choose = (name: string, lines: readonly object[]) => {
    const text = lines.map((line) => JSON.stringify(line)).join('\n');
    const file = { name, mimeType: '', buffer: Buffer.from(text) };
    return demonstrations.getByLabel('File of demonstrations').setInputFiles(file);
  };
  const answered = puzzles(8)
    .split('\n')
    .filter(Boolean)
    .map((line) => ({ role: 'user', content: (JSON.parse(line) as { prompt: string }).prompt }))
    .map((asked) => ({ messages: [asked, { role: 'assistant', content: 'no wait yes' }] }));
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  await button('Data').first().click();
  await page.getByRole('tab', { name: 'Demonstrations' }).click();
  await choose('bad.jsonl', [...answered, { prompt: 'without an answer' }]);
  await expect(demonstrations.getByRole('alert')).toContainText(
    'line 9: it has a "prompt" but no "completion"',
  );
  await choose('answers.jsonl', answered);
  await expect(demonstrations.getByText('8 demonstrations.')).toBeVisible();
  await demonstrations.getByRole('button', { name: 'Store in this browser' }).click();
  await demonstrations.getByRole('button', { name: 'Use in the experiment' }).click();
  await expect(demonstrations.getByText('in the experiment', { exact: true })).toBeVisible();
  expect(await seriousViolations(page)).toEqual([]);
  await demonstrations.getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: /^Cold start/ }).click();
  const settings = {
    'SFT steps': 2,
    'Queries per step': 2,
    'Rollouts per query': 4,
    'Response limit': 32,
    Steps: 1,
    Problems: 2,
  };
  for (const [label, value] of Object.entries(settings))
    await page.getByRole('spinbutton', { name: label, exact: true }).fill(String(value));
  await eventually(run()).toBeEnabled();
  await run().click();
  await eventually(page.getByRole('figure', { name: 'SFT loss' })).toHaveAccessibleDescription(
    /from .* at step 1 to .* at step 2\./,
  );
  const status = page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
  await eventually(status).toHaveText('finished');
});

test('it can be used by keyboard and on a narrow screen', async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  await button('Data').first().focus();
  await page.keyboard.press('Enter');
  await expect(dialog()).toBeVisible();
  const chooser = page.waitForEvent('filechooser');
  await expect(dialog().getByRole('tab', { name: 'Questions' })).toBeFocused();
  // Past the panel, which can be scrolled by keys.
  for (let i = 0; i < 2; i++) await page.keyboard.press('Tab');
  await expect(button('Choose a file')).toBeFocused();
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({ name: 'f.csv', mimeType: '', buffer: Buffer.from(FORMULAS) });
  await expect(dialog().getByText('62 questions kept')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await dialog().evaluate((d) => d.scrollWidth - d.clientWidth)).toBeLessThanOrEqual(0);
  expect(await seriousViolations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(button('Data').first()).toBeFocused();
});
