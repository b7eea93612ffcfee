/** `lab grade` in a pipe: as many lines out as in, in order, whatever they hold. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const grade = (input: string, ...args: string[]) =>
  spawnSync(process.execPath, [join(root, 'src/cli/lab.mjs'), 'grade', ...args], {
    cwd: root,
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });

test('the golden file through a pipe gives a verdict a line', () => {
  const input = readFileSync(join(root, 'e2e/golden/math-verify.jsonl'), 'utf8');
  const { status, stdout, stderr } = grade(input, '-', '--json');
  expect(status, stderr).toBe(0);
  expect(stderr).toBe('');
  const verdicts = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { correct: boolean });
  const expected = input
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { correct: boolean });
  expect(verdicts).toHaveLength(expected.length);
  const same = verdicts.filter(({ correct }, i) => correct === expected[i].correct).length;
  expect(same / expected.length).toBeGreaterThan(0.99);
});

test('a bad line leaves the count and fails at the end', () => {
  const { status, stdout, stderr } = grade(
    '{"gold": "1", "pred": "1"}\nnot JSON\n{"gold": "1", "pred": "2"}\n',
    '--json',
  );
  expect(status).toBe(1);
  expect(stdout.split('\n')).toEqual([
    '{"correct":true,"extracted":"1"}',
    '{"correct":false,"error":"it is not JSON"}',
    '{"correct":false,"extracted":"2"}',
    '',
  ]);
  expect(stderr).toContain('standard input, line 2: it is not JSON');
});
