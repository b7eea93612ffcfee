import { expect, test } from '@playwright/test';

test('the page opens without errors, cross-origin isolated, and finds a WebGPU adapter', async ({ page }) => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));

  await page.goto('./');

  await expect(page).toHaveTitle(/reasoning rl lab/i);
  expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await page.evaluate(async () => (await navigator.gpu.requestAdapter()) !== null)).toBe(true);
  expect(errors).toEqual([]);
});

test('the form says how much GPU memory the experiment takes, before it is run', async ({ page }) => {
  await page.goto('./');
  const memory = page.getByRole('form').getByText(/^Takes [\d.]+ MB of GPU memory$/);
  await expect(memory).toBeVisible({ timeout: 60_000 });
  await memory.click();
  await expect(page.getByText('KV cache')).toBeVisible();
});
