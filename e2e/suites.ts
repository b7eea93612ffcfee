/**
 * Every suite, on a real browser and on real WebGPU. Two run at a time: a software adapter compiles kernels on one core. The
 * last line of stdout is the sum of all.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureBrowser } from './browser.ts';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, in a line each. */
  failures?: string[];
}

/** The parts of the JSON reports that are read here. */
type VitestReport = Record<'numPassedTests' | 'numFailedTests' | 'numTotalTests', number> & {
  testResults: {
    name: string;
    status: string;
    message?: string;
    assertionResults: { status: string; fullName: string; failureMessages?: string[] }[];
  }[];
};
interface PlaywrightSuite {
  suites?: PlaywrightSuite[];
  specs?: {
    ok: boolean;
    file: string;
    title: string;
    tests: { results: { errors: { message?: string }[] }[] }[];
  }[];
}
type PlaywrightReport = PlaywrightSuite & {
  stats: Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>;
};

const VITE = 'node_modules/vite/bin/vite.js';
const VITEST = 'node_modules/vitest/vitest.mjs';
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';
/** A suite that hangs is ended and counts as failed. */
const SUITE_LIMIT_MS = 50 * 60_000;
const NOTHING: Counts = { passed: 0, failed: 0, skipped: 0 };

process.chdir(join(import.meta.dirname, '..'));
// Vite, which runs this script, has set it to `development`: the page that is tested is the one that is served.
delete process.env.NODE_ENV;
const reports = mkdtempSync(join(tmpdir(), 'lab-tests-'));

/** Runs a script of Node's, each line of what it says headed by the suite's name; whether it ended well. */
function node(suite: string, args: string[], env: Record<string, string> = {}): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: SUITE_LIMIT_MS,
    env: { ...process.env, ...env },
  });
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const)
    createInterface(from).on('line', (line) => to.write(`${suite} | ${line}\n`));
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(error.message);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}

/** Undefined when the suite ended before it wrote its report. */
function readReport<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

async function vitest(project: string): Promise<Counts> {
  const file = join(reports, `${project}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ok = await node(project, [VITEST, 'run', '--project', project, ...reporters]);
  const report = readReport<VitestReport>(file);
  if (!report) return judge(ok, NOTHING);
  const { numPassedTests: passed, numFailedTests: failed, numTotalTests: total } = report;
  const broken = report.testResults.filter((f) => f.status === 'failed' && f.assertionResults.length === 0);
  const failures = [
    ...broken.map(({ name, message }) => failure(name, message)),
    ...report.testResults.flatMap(({ name, assertionResults }) =>
      assertionResults
        .filter((test) => test.status === 'failed')
        .map((test) => failure(`${name} › ${test.fullName}`, test.failureMessages?.[0])),
    ),
  ];
  return judge(ok, { passed, failed: failed + broken.length, skipped: total - passed - failed, failures });
}

async function playwright(project: string): Promise<Counts> {
  if (!(await built)) return judge(false, NOTHING);
  const file = join(reports, `playwright-${project}.json`);
  const args = [PLAYWRIGHT, 'test', '--project', project, '--reporter=list,json'];
  const ok = await node(project, args, { PLAYWRIGHT_JSON_OUTPUT_NAME: file });
  const report = readReport<PlaywrightReport>(file);
  if (!report) return judge(ok, NOTHING);
  const { expected, unexpected, flaky, skipped } = report.stats;
  return judge(ok, {
    passed: expected,
    failed: unexpected + flaky,
    skipped,
    failures: specsOf(report)
      .filter((spec) => !spec.ok)
      .map((spec) => ({ spec, error: spec.tests.flatMap((t) => t.results.flatMap((r) => r.errors))[0] }))
      .filter(({ error }) => error)
      .map(({ spec, error }) => failure(`${spec.file} › ${spec.title}`, error.message)),
  });
}

const specsOf = ({ specs = [], suites = [] }: PlaywrightSuite): NonNullable<PlaywrightSuite['specs']> => [
  ...specs,
  ...suites.flatMap(specsOf),
];

const LONGEST_MESSAGE = 1200;
const failure = (name: string, message = 'failed without a word'): string =>
  `${name}: ${message.replaceAll(/\s+/g, ' ').slice(0, LONGEST_MESSAGE)}`;

/**
 * Silence is not a pass: a suite that ran nothing, could not start, or failed outside its tests counts one
 * failure, and so does every skipped test.
 */
function judge(ok: boolean, { passed, failed, skipped, failures }: Counts): Counts {
  const unexplained = passed === 0 || !ok ? 1 : 0;
  return { passed, failed: failed + skipped || unexplained, skipped, failures };
}

type Suite = [name: string, run: (name: string) => Promise<Counts>];
/** One lane beside the other, each in turn; what comes after them has the machine to itself. */
const LANES: Suite[][] = [
  [
    ['dawn', vitest],
    ['kill', playwright],
    ['cli', vitest],
  ],
  [
    ['unit', vitest],
    ['browser', vitest],
    ['page', playwright],
  ],
];
const ALONE: Suite[] = [['responsive', playwright]];

console.log(`Browser: ${ensureBrowser()}`);
const sum = { passed: 0, failed: 0, failures: [] as string[] };
async function inTurn(suites: readonly Suite[]): Promise<void> {
  for (const [name, run] of suites) {
    const begin = performance.now();
    const { passed, failed, skipped, failures = [] } = await run(name);
    const note = skipped > 0 ? `, ${skipped} of them by skipping` : '';
    const minutes = ((performance.now() - begin) / 60_000).toFixed(1);
    console.log(`== ${name}: ${passed} passed, ${failed} failed${note} (${minutes} min)`);
    sum.passed += passed;
    sum.failed += failed;
    sum.failures.push(...failures.map((line) => `${name} | ${line}`));
  }
}
const built = node('build', [VITE, 'build', '--logLevel', 'warn']);
await Promise.all(LANES.map(inTurn));
await inTurn(ALONE);
rmSync(reports, { recursive: true, force: true });

for (const line of sum.failures) console.log(`FAILED ${line}`);
console.log(`\n${sum.passed} passed, ${sum.failed} failed`);
process.exitCode = sum.failed > 0 ? 1 : 0;
