/** Every suite in turn, on a real browser and on real WebGPU. The last line of stdout is the sum of all. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBrowser } from './browser.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The parts of the JSON reports that are read here. */
type VitestReport = Record<'numPassedTests' | 'numFailedTests' | 'numTotalTests', number> & {
  testResults: { status: string; assertionResults: unknown[] }[];
};
type PlaywrightReport = { stats: Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number> };

const VITE = 'node_modules/vite/bin/vite.js';
const VITEST = 'node_modules/vitest/vitest.mjs';
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';
/** A suite that hangs is ended and counts as failed. */
const SUITE_LIMIT_MS = 50 * 60_000;
const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

process.chdir(join(import.meta.dirname, '..'));
const reports = mkdtempSync(join(tmpdir(), 'lab-tests-'));

function node(args: string[], env: Record<string, string> = {}): boolean {
  const options = { stdio: 'inherit', timeout: SUITE_LIMIT_MS, env: { ...process.env, ...env } } as const;
  const { status, error } = spawnSync(process.execPath, args, options);
  if (error) console.error(error.message);
  return status === 0;
}

/** Undefined when the suite ended before it wrote its report. */
function readReport<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

function vitest(project: string): Counts {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ok = node([VITEST, 'run', '--project', project, ...reporters]);
  const report = readReport<VitestReport>(file);
  if (!report) return judge(ok, NOTHING);
  const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report;
  const broken = report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0);
  return judge(ok, { passed, failed: failed + broken.length, skipped: total - passed - failed });
}

function page(): Counts {
  if (!node([VITE, 'build', '--logLevel', 'warn'])) return judge(false, NOTHING);
  const file = join(reports, 'playwright.json');
  const ok = node([PLAYWRIGHT, 'test', '--reporter=list,json'], { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const stats = readReport<PlaywrightReport>(file)?.stats;
  if (!stats) return judge(ok, NOTHING);
  return judge(ok, {
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  });
}

/**
 * Silence is not a pass: a suite that ran nothing, could not start, or failed outside its tests counts one
 * failure, and so does every skipped test.
 */
function judge(ok: boolean, { passed, failed, skipped }: Counts): Counts {
  const unexplained = passed === 0 || !ok ? 1 : 0;
  return { passed, failed: failed + skipped || unexplained, skipped };
}

const suites: [string, () => Counts][] = [
  ['unit', () => vitest('unit')],
  ['cli', () => vitest('cli')],
  ['dawn', () => vitest('dawn')],
  ['browser', () => vitest('browser')],
  ['page', page],
];

console.log(`Browser: ${ensureBrowser()}`);
const sum = { passed: 0, failed: 0 };
for (const [index, [name, run]] of suites.entries()) {
  console.log(`\n== ${name} (suite ${index + 1} of ${suites.length})`);
  const { passed, failed, skipped } = run();
  const note = skipped > 0 ? `, ${skipped} of them by skipping` : '';
  console.log(`== ${name}: ${passed} passed, ${failed} failed${note}`);
  sum.passed += passed;
  sum.failed += failed;
}
rmSync(reports, { recursive: true, force: true });

console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;
