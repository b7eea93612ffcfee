/** A person's own questions headless: measured, filtered, trained on, and recognised when the run goes on. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { countdown } from '../src/tasks/countdown/index.ts';

const root = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'lab-own-data-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** In the words of the shipped model, and one row that cannot be used. */
const rows = [
  ...countdown
    .split('train')
    .slice(0, 40)
    .map(({ prompt, answer }) => ({ prompt, answer })),
  { prompt: 'Prove it.', answer: '1' },
];
const file = join(folder, 'puzzles.jsonl');
const textOf = (list: readonly object[]) => list.map((row) => `${JSON.stringify(row)}\n`).join('');

function lab(...args: string[]): Promise<{ code: number | null; records: object[]; stderr: string }> {
  const child = spawn(process.execPath, [join(root, 'src/cli/lab.mjs'), ...args, '--json'], { cwd: folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const records = stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as object);
      resolve({ code, records, stderr });
    });
  });
}

const MINUTES = 60_000;

test(
  'lab data measures how hard questions are for a model and keeps those it is right on now and then',
  async () => {
    writeFileSync(file, textOf(rows));
    const kept = join(folder, 'kept.jsonl');
    const args = ['--model', 'tiny-countdown', '--samples', '4', '--max-tokens', '48', '--out', kept];
    const { code, records, stderr } = await lab('data', file, ...args);
    expect(code, stderr).toBe(0);
    const summary = records.at(-1) as Record<string, number>;
    expect(summary).toMatchObject({ model: 'tiny-countdown', samples: 4 });
    expect(summary.kept + summary.too_easy + summary.too_hard).toBe(40);
    const lines = readFileSync(kept, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(summary.kept);
    for (const line of lines)
      expect([0.25, 0.5, 0.75]).toContain((JSON.parse(line) as typeof summary).pass_rate);
  },
  10 * MINUTES,
);

test.each<[string, string[], string]>([
  [
    'a model that cannot read the questions',
    ['--model', 'tiny-countdown'],
    'cannot read 1 of the 1 questions',
  ],
  [
    'bounds that contradict each other',
    ['--model', 'x', '--min-pass-rate', '0.9', '--max-pass-rate', '0.1'],
    'lies above',
  ],
  ['a bound out of range', ['--model', 'x', '--min-pass-rate', '2'], 'a number from 0 to 1'],
])('%s: exit code 1 and the reason', async (_, args, message) => {
  const odd = join(folder, 'odd.csv');
  writeFileSync(odd, 'question,answer\nWhat is blue?,a colour\n');
  const { code, stderr } = await lab('data', odd, ...args);
  expect(code).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});

test(
  'lab run asks them, and lab resume refuses others',
  async () => {
    writeFileSync(file, textOf(rows));
    const experiment = join(folder, 'experiment.json');
    const document = {
      version: 2,
      data: { task: 'imported', file: 'puzzles.jsonl', pass_rate_samples: 2, min_pass_rate: 0 },
      rollout: { queries_per_step: 2, num_generations: 4, max_completion_length: 48 },
      evaluation: { problems: 2 },
    };
    writeFileSync(experiment, JSON.stringify(document));
    const out = join(folder, 'run');
    const run = await lab('run', experiment, '--steps', '1', '--out', out);
    expect(run.code, run.stderr).toBe(0);
    expect(run.stderr).toMatch(/The difficulty filter kept \d+ of \d+ training questions/);
    expect(run.records[0]).toHaveProperty('data/kept');

    writeFileSync(file, textOf(rows.map((row) => ({ ...row, answer: '1' }))));
    const refused = await lab('resume', out, '--steps', '2');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/The data set “.*puzzles\.jsonl” has changed/);
    rmSync(file);
    expect((await lab('resume', out, '--steps', '2')).stderr).toContain('The file cannot be read');

    // What was dropped does not count.
    writeFileSync(file, textOf(rows.slice(0, -1)));
    const resumed = await lab('resume', out, '--steps', '2');
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.records.at(-1)).toMatchObject({ summary: { status: 'finished', steps: 2 } });
  },
  10 * MINUTES,
);
