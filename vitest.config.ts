import { playwright } from '@vitest/browser-playwright';
import { configDefaults, defineConfig } from 'vitest/config';
import { browserFlags, findBrowser } from './e2e/browser.ts';
import { sharesBrowsersAdapter } from './src/cli/adapter.ts';

const gpuTests = ['src/**/*.gpu.test.ts'];
/** Whether settings fit together, and how a run is carried on, does not depend on the WebGPU implementation. */
const onceEnough = [
  'src/lab/comparisons/*.gpu.test.ts',
  'src/lab/{device-loss,lora-run,tool-run}.gpu.test.ts',
];
/** A software adapter compiles kernels by the second, and longer on a busy machine. */
const patience = { testTimeout: 400_000, hookTimeout: 400_000 };
/** Golden files are imported by the tests as data URLs, in Node and in the browser alike. */
const assetsInclude = ['**/*.safetensors'];

/**
 * `unit` needs no GPU. `cli` starts the headless lab as a process. `dawn` and `browser` are GPU tests, which use
 * `navigator.gpu`, on two implementations: Dawn under Node and a real Chromium. Without an adapter they fail; nothing is
 * skipped. Where both have but the browser's SwiftShader, each test runs in one of them: comparisons' arms, and whole runs
 * with adapters, tools or a lost device, under Dawn, all others in Chromium; of Dawn's kernels and numbers `cli` makes sure,
 * with `lab doctor` and `lab score`. LAB_ADAPTER makes Dawn run everything on an adapter of its own.
 */
export default defineConfig({
  test: {
    projects: [
      {
        extends: './vite.config.ts',
        assetsInclude,
        test: {
          name: 'unit',
          // Nothing here waits; a busy machine is slow.
          testTimeout: 60_000,
          environment: 'node',
          include: ['src/**/*.test.{ts,tsx}'],
          exclude: [...configDefaults.exclude, ...gpuTests],
        },
      },
      {
        test: { name: 'cli', environment: 'node', include: ['e2e/**/*.test.ts'], ...patience },
      },
      {
        extends: './vite.config.ts',
        assetsInclude,
        test: {
          name: 'dawn',
          ...patience,
          environment: 'node',
          include: sharesBrowsersAdapter() ? onceEnough : gpuTests,
          setupFiles: ['e2e/setup-dawn.ts'],
          // One process, hence one Dawn instance, for all files.
          pool: 'forks',
          maxWorkers: 1,
          isolate: false,
        },
      },
      {
        extends: './vite.config.ts',
        assetsInclude,
        test: {
          name: 'browser',
          ...patience,
          include: gpuTests,
          exclude: [...configDefaults.exclude, ...onceEnough],
          // One page, hence one device, for all files.
          fileParallelism: false,
          isolate: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: { executablePath: findBrowser(), args: browserFlags } }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
