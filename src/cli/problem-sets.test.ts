import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { split } from '../tasks/countdown/problems';
import { problemSets } from './problem-sets';

const folder = mkdtempSync(join(tmpdir(), 'lab-problems-'));
afterAll(() => rmSync(folder, { recursive: true }));
function file(name: string, ...rows: unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return path;
}

it('a split of every task that is named', async () => {
  const sets = await problemSets(undefined, ['countdown', 'letters'], 'validation');
  expect(sets.map(({ name }) => name)).toEqual(['countdown, validation', 'letters, validation']);
  expect(sets[0].problems).toEqual(split('validation'));
});

it('problems of Countdown, where one line in a file is one', async () => {
  const path = file('countdown.jsonl', '', { prompt: '9 8 2 -> 1 A:', answer: '1' });
  const [{ task, problems }] = await problemSets(path);
  expect(task.name).toBe('countdown');
  expect(problems).toHaveLength(1);
  const mixed = file('mixed.jsonl', { numbers: [9, 8, 2], target: 1 }, { question: '1 + 1', answer: '2' });
  await expect(problemSets(mixed)).rejects.toThrow(
    /mixed.jsonl: 1 of its lines .*\n  line 2: it has neither/,
  );
});

it('questions of any other kind, judged as maths, and how many rows are none', async () => {
  const path = file(
    'maths.jsonl',
    { question: 'What is 1/4 + 1/4?', answer: '\\frac{1}{2}' },
    { question: 'Prove that 1 = 1.', answer: 'trivial' },
  );
  const [{ name, task, problems, dropped }] = await problemSets(path);
  expect([name, problems.length, dropped]).toEqual([path, 1, 1]);
  expect(task.verify(problems[0], 'It is \\boxed{0.5}').correct).toBe(true);
  expect(task.verify(problems[0], 'It is \\boxed{0.4}').correct).toBe(false);
});

it('a table of questions', async () => {
  const [{ problems }] = await problemSets(file('maths.csv', 'question,answer', 'What is 2 + 3?,5'));
  expect(problems).toMatchObject([{ prompt: 'What is 2 + 3?', answer: '5' }]);
});

it('nothing to evaluate on is an error that says where to look', async () => {
  const path = file('none.jsonl', { question: 'Prove that 1 = 1.', answer: 'trivial' });
  await expect(problemSets(path)).rejects.toThrow(/None of the 1 rows .* nothing was evaluated. lab data/);
});
