/** A run's study leaves the page as a zip: what `lab export --to` writes. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { eventually } from './eventually.ts';

test.setTimeout(300_000);

test('the study of a run, with its model, for TRL', async ({ page }) => {
  await page.goto('./');
  const short = {
    'Queries per step': 2,
    'Rollouts per query': 4,
    'Response limit': 24,
    Steps: 1,
    Problems: 4,
  };
  for (const [label, value] of Object.entries(short))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const bar = page.getByRole('region', { name: 'Run', exact: true });
  await eventually(bar.locator('.pill')).toHaveText('finished');

  await bar.getByRole('button', { name: 'Export' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'Go on in TRL (zip)' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('trl.zip');
  // The entries are stored, not compressed: names and texts stand in the bytes as they are.
  const zip = (await readFile(await download.path())).toString('latin1');
  for (const file of ['train.py', 'config.yaml', 'data/train.jsonl', 'model/model.safetensors', 'NOTES.md'])
    expect(zip).toContain(`-trl/${file}`);
  expect(zip).toContain('max_steps: 1\n');
});
