/**
 * Runs in a browser that is killed at random moments: nothing that was committed is lost, and the run ends bit-equal to
 * one that was never interrupted, on the same adapter.
 */
import { expect, test, type Page } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Random } from '../src/random.ts';
import { eventually } from './eventually.ts';
import { KillableBrowser } from './killable.ts';
import { stored, type Stored } from './stored.ts';

const KILLS = 20;
const SEED = Number(process.env.KILL_SEED ?? 6);
const STEPS = 6;
const SETTINGS: Record<string, number> = {
  'Queries per step': 2,
  'Rollouts per query': 8,
  'Response limit': 24,
  Steps: STEPS,
  'Evaluate every': 2,
  'Checkpoint every': 2,
  Problems: 4,
};
test.setTimeout(1_200_000);

const profile = mkdtempSync(join(tmpdir(), 'lab-kill-'));
let browser: KillableBrowser;
test.afterAll(async () => {
  await browser.kill().catch(() => undefined);
  rmSync(profile, { recursive: true, force: true });
});

const status = (page: Page) => page.getByRole('region', { name: 'Run', exact: true }).locator('.pill');
const progress = (page: Page) => page.getByRole('progressbar', { name: 'Steps' });

/** Starts the experiment and returns the run's id. */
async function start(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Experiment', exact: true }).click();
  await page.getByLabel('Preset').selectOption({ label: 'Aha, quick look' });
  for (const [label, value] of Object.entries(SETTINGS))
    await page.getByLabel(label, { exact: true }).fill(String(value));
  await eventually(page.getByRole('button', { name: 'Run', exact: true })).toBeEnabled();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await eventually(status(page)).toHaveText(/running|finished/);
  return new URLSearchParams(new URL(page.url()).hash.slice(1)).get('run')!;
}

/** A new browser on the same profile shows the run; what it finds stored, after which an unfinished run is made to go on. */
async function reopen(url: string, id: string): Promise<Stored> {
  browser = await KillableBrowser.open(profile);
  const { page } = browser;
  await page.goto(`${url}#run=${id}`);
  const found = await stored(page, id);
  if (found.status !== 'finished') await page.getByRole('button', { name: 'Continue', exact: true }).click();
  return found;
}

/** Kills the browser once the page has shown `steps` more steps as done, or the end, and `delay` ms have passed. */
async function killAfter(steps: number, delay: number, from: number): Promise<{ reported: number }> {
  const { page } = browser;
  let reported = from;
  page.on('console', (message) => {
    const step = /^step (\d+)$/.exec(message.text())?.[1];
    if (step) reported = Math.max(reported, Number(step));
  });
  await progress(page).evaluate((bar) => {
    const tell = () => console.log(`step ${bar.getAttribute('aria-valuenow')}`);
    new MutationObserver(tell).observe(bar, { attributeFilter: ['aria-valuenow'] });
    tell();
  });
  await expect
    .poll(() => reported, { timeout: 240_000, intervals: [20] })
    .toBeGreaterThanOrEqual(Math.min(STEPS, from + steps));
  await new Promise((resolve) => setTimeout(resolve, delay));
  await browser.kill();
  return { reported };
}

test(`a browser killed ${KILLS} times loses nothing that was committed`, async ({ baseURL }) => {
  const random = new Random(SEED);
  const begin = async () => {
    await browser.page.goto(baseURL!);
    return start(browser.page);
  };
  browser = await KillableBrowser.open(profile);
  const whole = await begin();
  await eventually(status(browser.page)).toHaveText('finished');
  const expected = await stored(browser.page, whole);
  expect(expected).toMatchObject({ status: 'finished', step: STEPS, checkpoint: { step: STEPS } });
  expect(
    expected.metrics.some(({ grad_norm: norm }) => norm > 0),
    'the weights move',
  ).toBe(true);

  let id = await begin();
  let from = 0;
  const kills: string[] = [];
  while (kills.length < KILLS) {
    // Most kills hit a run that is only just going on, the others one that has made a step or two.
    const steps = Math.max(0, random.range(-4, 2));
    const delay = random.next() * (steps === 0 ? 4000 : 300);
    const { reported } = await killAfter(steps, delay, from);
    const found = await reopen(baseURL!, id);
    kills.push(`${reported} + ${Math.round(delay)} ms: ${found.step}`);
    const context = `seed ${SEED}, kill ${kills.length}: ${kills.at(-1)}`;
    expect(found.step, context).toBeGreaterThanOrEqual(reported);
    expect(found.metrics, context).toEqual(expected.metrics.slice(0, found.metrics.length));
    expect(found.rollouts, context).toEqual(upTo(expected.rollouts, found.metrics.at(-1)?.step ?? -1));
    from = found.step;
    if (found.status !== 'finished') continue;
    expect(found, context).toEqual(expected);
    id = await begin();
    from = 0;
  }
  await eventually(status(browser.page)).toHaveText('finished');
  expect(await stored(browser.page, id)).toEqual(expected);
  test.info().annotations.push({ type: 'kills', description: `seed ${SEED}: ${kills.join(', ')}` });
});

const upTo = (rollouts: readonly { step: number }[], step: number) => rollouts.filter((r) => r.step <= step);
