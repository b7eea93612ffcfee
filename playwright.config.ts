import { defineConfig } from '@playwright/test';
import { browserFlags, findBrowser } from './e2e/browser.ts';

// Playwright's workers inherit the environment, so they agree on the port that the first process chose.
const port = (process.env.LAB_E2E_PORT ??= String(20_000 + (process.pid % 20_000)));
const url = `http://localhost:${port}/`;

const KILL = 'kill.spec.ts';
const RESPONSIVE = ['compare.spec.ts', 'journey.spec.ts', 'own-data.spec.ts'];

/** End-to-end tests of the built page: run `npx vite build` first. */
export default defineConfig({
  testDir: 'e2e',
  // `responsive` judges how quickly the page answers, and wants the machine to itself.
  projects: [
    { name: 'kill', testMatch: KILL, outputDir: 'test-results/kill' },
    {
      name: 'page',
      testMatch: '*.spec.ts',
      testIgnore: [KILL, ...RESPONSIVE],
      outputDir: 'test-results/page',
    },
    { name: 'responsive', testMatch: RESPONSIVE, outputDir: 'test-results/responsive' },
  ],
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // The machine may be busy computing.
  expect: { timeout: 60_000 },
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
