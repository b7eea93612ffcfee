/** The browser's GPU process crashes under a run: the run opens another device by itself and ends as if nothing had been. */
import { expect, test } from '@playwright/test';
import { stored } from './stored.ts';

test.setTimeout(600_000);
const eventually = expect.configure({ timeout: 240_000 });
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
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  const status = page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
  const step = async () =>
    Number(await page.getByRole('progressbar', { name: 'Steps' }).getAttribute('aria-valuenow'));
  const start = async () => {
    await button('Experiment').click();
    await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
    for (const [label, value] of Object.entries(SETTINGS))
      await page.getByRole('spinbutton', { name: label, exact: true }).fill(String(value));
    await eventually(button('Run')).toBeEnabled();
    const before = page.url();
    await button('Run').click();
    await eventually.poll(() => page.url()).not.toBe(before);
    return new URLSearchParams(new URL(page.url()).hash.slice(1)).get('run')!;
  };
  await page.goto('./');
  const id = await start();
  await eventually.poll(step).toBeGreaterThanOrEqual(1);
  const cdp = await browser.newBrowserCDPSession();
  await cdp.send('Browser.crashGpuProcess');
  await eventually(page.getByText(/^The graphics device was lost/)).toContainText(
    /Steps up to \d are kept, with a checkpoint of step \d; the run goes on from there on a new device\./,
  );
  await expect(status).toHaveText('running');
  await eventually(status).toHaveText('finished');

  const whole = await start();
  await eventually(status).toHaveText('finished');
  expect(await stored(page, whole)).toMatchObject({ step: STEPS, checkpoint: { step: STEPS } });
  expect(await stored(page, id)).toEqual(await stored(page, whole));
});
