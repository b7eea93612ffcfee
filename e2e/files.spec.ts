/** A run as a file: dropped on the page, its charts and its report taken away, and out again as it came; logs of TRL beside it. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test, type Download, type Page } from '@playwright/test';
import { seriousViolations } from './axe.ts';

const RUN = 'KL: none, fixed, annealed: fixed, seed 0';

test.describe.configure({ mode: 'serial', timeout: 120_000 });
const FOLDER = 'e2e/results/runs/fixed-seed-0';
let zip: Buffer;
test.beforeAll(() => {
  zip = zipOf(FOLDER);
});

function zipOf(folder: string): Buffer {
  const out = test.info().outputPath('run.zip');
  execFileSync('node', ['src/cli/lab.mjs', 'export', folder, '--to', 'run', '--out', out]);
  return readFileSync(out);
}

const openRuns = async (page: Page) => {
  await page.goto('./');
  await page.getByRole('button', { name: /^Runs/ }).click();
};

async function drop(page: Page, name: string, bytes: Uint8Array): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, text }) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
      return transfer;
    },
    { name, text: Buffer.from(bytes).toString('base64') },
  );
  await page.locator('.import-runs').dispatchEvent('drop', { dataTransfer: transfer });
}

async function downloaded(page: Page, act: () => Promise<void>): Promise<{ file: Download; bytes: Buffer }> {
  const waiting = page.waitForEvent('download');
  await act();
  const file = await waiting;
  return { file, bytes: readFileSync(await file.path()) };
}

const exported = (page: Page, item: string) =>
  downloaded(page, async () => {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('menuitem', { name: item }).click();
  });

const chart = (page: Page, title: string, item: string) =>
  downloaded(page, async () => {
    await page.getByRole('button', { name: `Save the chart ${title}` }).click();
    await page.getByRole('menuitem', { name: item }).click();
  });

test('a run file is imported, and exported again byte for byte', async ({ page }) => {
  await openRuns(page);
  await drop(page, 'run.zip', zip);
  await expect(page.getByRole('heading', { name: RUN })).toBeVisible();
  await expect(page.getByRole('figure', { name: 'Accuracy' })).toHaveAccessibleDescription(
    /from .* at step 0/,
  );
  expect(await seriousViolations(page)).toEqual([]);

  const { file, bytes } = await exported(page, 'Run file (zip)');
  expect(file.suggestedFilename()).toBe('kl-none-fixed-annealed-fixed-seed-0.zip');
  expect(bytes.equals(zip)).toBe(true);
  await page.getByRole('button', { name: `Actions for ${RUN}` }).click();
  const saved = await downloaded(page, () => page.getByRole('menuitem', { name: 'Save as a file' }).click());
  expect(saved.bytes.equals(zip)).toBe(true);
});

test('a run file brings the questions that its run asks', async ({ page }) => {
  const folder = test.info().outputPath('asking');
  const questions = test.info().outputPath('sums.jsonl');
  writeFileSync(questions, '{"question":"What is 2 + 3?","answer":"5"}\n');
  cpSync(FOLDER, folder, { recursive: true });
  const head = JSON.parse(readFileSync(`${folder}/run.json`, 'utf8')) as {
    run: { experiment: { data: object } };
  };
  Object.assign(head.run.experiment.data, { task: 'imported', file: questions });
  writeFileSync(`${folder}/run.json`, JSON.stringify(head));
  const asking = zipOf(folder);

  await openRuns(page);
  await drop(page, 'asking.zip', asking);
  const notice = page.getByRole('alert');
  await expect(notice.getByText('Its data set was stored as “sums.jsonl”.')).toBeVisible();
  const { bytes } = await exported(page, 'Run file (zip)');
  await page.getByRole('button', { name: /^Runs/ }).click();
  await drop(page, 'again.zip', bytes);
  await expect(notice.getByText('Its data set is here already, as “sums.jsonl”.')).toBeVisible();
});

test('a chart is taken away as PNG, SVG and CSV', async ({ page }) => {
  await openRuns(page);
  await page.getByLabel('File of a run').setInputFiles({ name: 'run.zip', mimeType: '', buffer: zip });
  await expect(page.getByRole('figure', { name: 'Accuracy' })).toHaveAccessibleDescription(
    /from .* at step 0/,
  );
  const csv = (await chart(page, 'Accuracy', 'Values (CSV)')).bytes.toString().split('\n');
  expect(csv[0]).toBe('step,accuracy,eval/greedy/accuracy,eval/sampled/accuracy');
  expect(csv[1]).toMatch(/^0,,0\.\d+,0\.\d+$/);
  const svg = await chart(page, 'Response length', 'Picture (SVG)');
  expect(svg.file.suggestedFilename()).toBe('response-length.svg');
  expect(svg.bytes.toString()).toMatch(/^<svg [^]*Response length, tokens[^]*<polyline/);
  const png = (await chart(page, 'Reward', 'Picture (PNG)')).bytes;
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([1280, 800]);
});

test('the report opens without the lab', async ({ page, context }) => {
  await openRuns(page);
  await drop(page, 'run.zip', zip);
  await expect(page.getByRole('heading', { name: RUN })).toBeVisible();
  const { file } = await exported(page, 'Report (HTML)');
  const path = test.info().outputPath('report.html');
  await file.saveAs(path);
  const report = await context.newPage();
  const asked: string[] = [];
  report.on('request', (request) => asked.push(request.url()));
  const errors: string[] = [];
  report.on('console', (message) => errors.push(message.text()));
  await report.goto(`file://${path}`);
  await expect(report.getByRole('heading', { name: RUN, level: 1 })).toBeVisible();
  await expect(report.locator('svg polyline').first()).toBeVisible();
  expect(asked).toEqual([`file://${path}`]);
  expect(errors).toEqual([]);
  expect(await seriousViolations(report)).toEqual([]);
});

test('what is no run file is refused, and nothing is changed', async ({ page }) => {
  await openRuns(page);
  for (const cut of [200, zip.length - 1]) {
    await drop(page, 'run.zip', zip.subarray(0, cut));
    await expect(page.getByRole('alert').getByText('This run file cannot be imported')).toBeVisible();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  }
  await expect(page.getByText('No runs yet', { exact: false })).toBeVisible();
});

test('the log of TRL lies beside the run that was exported', async ({ page }) => {
  await openRuns(page);
  await drop(page, 'run.zip', zip);
  await expect(page.getByRole('heading', { name: RUN })).toBeVisible();
  await drop(page, 'trainer_state.json', readFileSync('src/share/logs/fixtures/trl-trainer-state.json'));
  const dialog = page.getByRole('dialog', { name: 'Which run was exported?' });
  expect(await seriousViolations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Import' }).click();
  await expect(page.getByRole('heading', { name: `${RUN} (TRL)` })).toBeVisible();
  await expect(page.getByRole('figure', { name: 'Reward' })).toHaveAccessibleDescription(/at step 2/);
});
