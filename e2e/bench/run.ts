/** Measures the engine in a real browser and prints one JSON object; progress goes to stderr. `--help` says what can be chosen. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { chromium } from 'playwright';
import { build, preview } from 'vite';
import { browserFlags, ensureBrowser } from '../browser.ts';
import { SECTIONS, type SectionName } from './sections.ts';

/** For the heap figures: collect garbage on demand, exact sizes. */
const HEAP_FLAGS = ['--js-flags=--expose-gc', '--enable-precise-memory-info'];

function parseSections(text: string): SectionName[] {
  return text.split(',').map((word) => {
    const section = SECTIONS.find(({ letter, name }) => word === letter || word === name);
    if (!section) throw new InvalidArgumentError(`There is no section ${word}.`);
    return section.name;
  });
}

function parseRounds(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError('A number from 1 to 999 is needed.');
  return Number(text);
}

const { only, rounds } = new Command('bench')
  .description(
    ['Sections:', ...SECTIONS.map((s) => `  ${s.letter}  ${s.name.padEnd(11)} ${s.title}`)].join('\n'),
  )
  .option(
    '--only <sections>',
    'letters or names, separated by commas',
    parseSections,
    SECTIONS.map((s) => s.name),
  )
  .option('--rounds <n>', 'interleaved rounds of each comparison', parseRounds, 5)
  .parse()
  .opts<{ only: SectionName[]; rounds: number }>();

process.chdir(join(import.meta.dirname, '../..'));
const executablePath = ensureBrowser();
const outDir = mkdtempSync(join(tmpdir(), 'lab-bench-'));
const page = 'e2e/bench/index.html';
const common = { logLevel: 'error' as const, build: { outDir } };
await build({ ...common, build: { outDir, emptyOutDir: true, rolldownOptions: { input: page } } });
const server = await preview({ ...common, preview: { port: 20_000 + (process.pid % 20_000) } });
const browser = await chromium.launch({ executablePath, args: [...browserFlags, ...HEAP_FLAGS] });
try {
  const tab = await browser.newPage();
  tab.on('console', (message) => process.stderr.write(`${message.text()}\n`));
  tab.on('pageerror', (error) => process.stderr.write(`${error.message}\n`));
  const devtools = await browser.newBrowserCDPSession();
  await tab.exposeFunction('gpuProcessMs', async () => {
    const { processInfo } = await devtools.send('SystemInfo.getProcessInfo');
    return 1000 * (processInfo.find(({ type }) => type === 'GPU')?.cpuTime ?? NaN);
  });
  await tab.goto(new URL(page, server.resolvedUrls!.local[0]).href);
  const outcome = await tab.evaluate((options) => window.runBench(options), { only, rounds });
  const result = { browser: `Chromium ${browser.version()}`, ...outcome };
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  if (outcome.failures.length) process.exitCode = 1;
} catch (error) {
  const [what] = (error as Error).message.split('\n');
  process.stderr.write(`The bench ended without figures. ${what}\n`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.close();
  rmSync(outDir, { recursive: true, force: true });
}
