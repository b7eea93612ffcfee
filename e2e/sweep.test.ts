/** A sweep as a script meets it: ended in the middle, and gone on with by the same command. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'lab-sweep-'));
afterAll(() => rmSync(temporary, { recursive: true }));

const out = join(temporary, 'out');
const grid = join(temporary, 'grid.json');
writeFileSync(
  grid,
  JSON.stringify({
    base: {
      rollout: { queries_per_step: 1, num_generations: 2, max_completion_length: 8 },
      schedule: { max_steps: 2, eval_steps: 2, save_steps: 1 },
      evaluation: { problems: 2 },
    },
    grid: { seed: [0, 1] },
  }),
);

/** @param killAt a file at whose appearance the process is asked to end, once: a second signal would kill it where it stands */
function sweep(killAt?: string): Promise<{ code: number | null; records: Record<string, unknown>[] }> {
  const child = spawn(
    process.execPath,
    [join(root, 'src/cli/lab.mjs'), 'sweep', grid, '--out', out, '--json'],
    {
      cwd: root,
    },
  );
  let stdout = '';
  child.stdout.on('data', (text) => (stdout += String(text)));
  const watch = setInterval(() => {
    if (!killAt || !existsSync(killAt)) return;
    clearInterval(watch);
    child.kill('SIGTERM');
  }, 20);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(watch);
      const records = stdout.split('\n').filter(Boolean);
      resolve({ code, records: records.map((line) => JSON.parse(line) as Record<string, unknown>) });
    });
  });
}

test(
  'a sweep that is stopped in its second run keeps the first and goes on with the second',
  async () => {
    const stopped = await sweep(join(out, 'seed-1', 'run.json'));
    expect(stopped.code).toBe(130);
    expect(stopped.records.find((r) => r.cell === 'seed-0')).toMatchObject({ status: 'finished', steps: 2 });

    const metrics = readFileSync(join(out, 'seed-0', 'metrics.jsonl'));
    const done = await sweep();
    expect(done.code).toBe(0);
    expect(done.records.map(({ cell, status }) => [cell, status])).toEqual([
      ['seed-0', 'finished'],
      ['seed-1', 'finished'],
      [undefined, undefined],
    ]);
    expect(readFileSync(join(out, 'seed-0', 'metrics.jsonl')), 'it is not run again').toEqual(metrics);
    const [header, ...rows] = readFileSync(join(out, 'sweep.csv'), 'utf8').trim().split('\n');
    expect(header).toMatch(/^run,seed,status,steps,eval\/greedy\/accuracy/);
    expect(rows.map((row) => row.split(',').slice(0, 4))).toEqual([
      ['seed-0', '0', 'finished', '2'],
      ['seed-1', '1', 'finished', '2'],
    ]);
  },
  10 * 60_000,
);
