/** The browser's GPU process crashes under a run: the run opens another device by itself and ends as if nothing had been. */
import { expect, test } from '@playwright/test';
import { eventually } from './eventually.ts';
import { startRun } from './start-run.ts';
import { stored } from './stored.ts';

test.setTimeout(600_000);
const STEPS = 6;
const SETTINGS: Record<string, number> = {
  'Queries per step': 1,
  'Rollouts per query': 8,
  'Response limit': 24,
  Steps: STEPS,
  'Evaluate every': STEPS,
  'Checkpoint every': 2,
  Problems: 4,
};

test('a run goes on by itself after a crash of the GPU process', async ({ page, browser }) => {
  const status = page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
  const step = async () =>
    Number(await page.getByRole('progressbar', { name: 'Steps' }).getAttribute('aria-valuenow'));
  await page.goto('./');
  const id = await startRun(page, SETTINGS);
  await eventually.poll(step).toBeGreaterThanOrEqual(1);
  const cdp = await browser.newBrowserCDPSession();
  await cdp.send('Browser.crashGpuProcess');
  await eventually(page.getByText(/^The graphics device was lost/)).toContainText(
    /Steps up to \d are kept, with a checkpoint of step \d; the run goes on from there on a new device\./,
  );
  await expect(status).toHaveText('running');
  await eventually(status).toHaveText('finished');

  const whole = await startRun(page, SETTINGS);
  await eventually(status).toHaveText('finished');
  expect(await stored(page, whole)).toMatchObject({ step: STEPS, checkpoint: { step: STEPS } });
  expect(await stored(page, id)).toEqual(await stored(page, whole));
});
