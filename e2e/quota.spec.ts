/** A browser without room for the next step: the run stops at the last one, says so, and ends as if nothing had been. */
import { expect, test } from '@playwright/test';
import { eventually } from './eventually.ts';
import { startRun } from './start-run.ts';
import { stored } from './stored.ts';

test.setTimeout(600_000);
const STEPS = 5;
const SETTINGS: Record<string, number> = {
  'Queries per step': 1,
  'Rollouts per query': 8,
  'Response limit': 24,
  Steps: STEPS,
  'Evaluate every': STEPS,
  'Checkpoint every': 1,
  Problems: 4,
};
/** In bytes: room for two checkpoints, and not for four. */
const QUOTA = 5_000_000;

test('a run that meets the quota keeps every step, and goes on when there is room again', async ({
  page,
}) => {
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
  const run = page.getByRole('region', { name: 'Run', exact: true });
  const status = run.locator('.pill');
  await page.goto('./');
  const { origin } = new URL(page.url());
  const cdp = await page.context().newCDPSession(page);
  const allow = (quotaSize?: number) => cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });

  await allow(QUOTA);
  const id = await startRun(page, SETTINGS);
  await eventually(status).toHaveText('failed');
  const full = await stored(page, id);
  const { step } = full;
  expect(full).toMatchObject({ status: 'failed', checkpoint: { step } });
  expect(step).toBeGreaterThan(0);
  expect(full.metrics.map((line) => line.step)).toEqual(Array.from({ length: step + 1 }, (_, i) => i));
  await expect(run).toContainText(
    `The browser has no room for step ${step + 1}. Nothing of it was stored. Everything up to step ${step} is kept; the newest checkpoint is of step ${step}. Delete checkpoints (“Storage …” above the runs)`,
  );

  await test.step('checkpoints can be deleted with nothing left at all', async () => {
    await allow(1);
    await page.getByRole('button', { name: /^Runs/ }).click();
    await button('Storage …').click();
    await button(/^Delete \d checkpoints? of 1 run/).click();
    await expect(button('No checkpoint to delete')).toBeVisible();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    expect(await stored(page, id)).toEqual(full);
  });

  await test.step('with room it ends as a run that never met it', async () => {
    await allow();
    await button('Continue').click();
    await eventually(status).toHaveText('finished');
    const whole = await startRun(page, SETTINGS);
    await eventually(status).toHaveText('finished');
    expect(await stored(page, whole)).toMatchObject({ step: STEPS, checkpoint: { step: STEPS } });
    expect(await stored(page, id)).toEqual(await stored(page, whole));
  });
});
