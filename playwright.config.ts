import { defineConfig } from '@playwright/test';
import { browserFlags, findBrowser } from './e2e/browser.ts';

// Playwright's workers inherit the environment, so they agree on the port that the first process chose.
const port = (process.env.LAB_E2E_PORT ??= String(20_000 + (process.pid % 20_000)));
const url = `http://localhost:${port}/`;

/** End-to-end tests of the built page: run `npx vite build` first. */
export default defineConfig({
  testDir: 'e2e',
  // `kill` takes minutes and does not care how busy the machine is; some of `page` judge how quickly the page answers.
  projects: [
    { name: 'page', testMatch: '*.spec.ts', testIgnore: 'kill.spec.ts', outputDir: 'test-results/page' },
    { name: 'kill', testMatch: 'kill.spec.ts', outputDir: 'test-results/kill' },
  ],
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // The machine may be busy computing.
  expect: { timeout: 30_000 },
  use: {
    baseURL: url,
    screenshot: 'off',
    launchOptions: { executablePath: findBrowser(), args: browserFlags },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --strictPort --port ${port}`,
    url,
    reuseExistingServer: false,
  },
});
