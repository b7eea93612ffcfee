/** `lab grade` on files; e2e/grade.test.ts pipes into it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from './program';

const folder = mkdtempSync(join(tmpdir(), 'lab-grade-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (text: string) => {
  writeFileSync(join(folder, 'answers.jsonl'), text);
  return join(folder, 'answers.jsonl');
};

let stdout = '';
let stderr = '';
beforeEach(() => {
  stdout = stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((stdout += String(text)), true));
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((stderr += String(text)), true));
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const records = () =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test('one verdict a line, in order', async () => {
  const lines = [
    { gold: '\\frac{1}{2}', pred: 'So \\boxed{0.5}' },
    { gold: '7', pred: 'The answer is 8.' },
    { gold: 7, pred: 'So it is $3 + 4 = 7$', id: 'other fields are ignored' },
    { gold: '7', pred: '' },
  ];
  expect(
    await runCli(['grade', file(lines.map((line) => JSON.stringify(line)).join('\r\n')), '--json']),
  ).toBe(0);
  expect(records()).toEqual([
    { correct: true, extracted: '0.5' },
    { correct: false, extracted: '8' },
    { correct: true, extracted: '3 + 4 = 7' },
    { correct: false, extracted: null },
  ]);
  expect(stderr).toBe('');
});

test('for people: a reason a line and the count', async () => {
  expect(await runCli(['grade', file('{"gold": "1/2", "pred": "0.5"}\n{"gold": "1", "pred": "2"}\n')])).toBe(
    0,
  );
  expect(stdout).toBe('correct    0.5 equals 1/2\nincorrect  2 is not 1\n1 of 2 correct\n');
});

test('bad lines keep their place, are named, and make the exit code 1', async () => {
  const bad = ['x', '', '[1]', 'null', '{"gold": "1"}', '{"pred": "1"}', '{"gold": {}, "pred": "1"}'];
  const text = ['{"gold": "1", "pred": "1"}', ...bad, '{"gold": "1", "pred": "1"}'].join('\n');
  expect(await runCli(['grade', file(text), '--json'])).toBe(1);
  expect(records().map(({ correct, error }) => [correct, error])).toEqual([
    [true, undefined],
    [false, 'it is not JSON'],
    [false, 'it is empty'],
    [false, 'it is not a JSON object'],
    [false, 'it is not a JSON object'],
    [false, 'it has no "pred"'],
    [false, 'it has no "gold"'],
    [false, 'its "gold" is not a text'],
    [true, undefined],
  ]);
  for (const line of [2, 3, 4, 5, 6, 7, 8]) expect(stderr).toContain(`answers.jsonl, line ${line}: it`);
  expect(stderr).toContain('7 of 9 lines cannot be used');
  expect(stderr).not.toMatch(/\n\s+at /);
});

test('hostile lines do not hold up the others', async () => {
  const hostile = [
    '9^{9^{9^9}}',
    '('.repeat(50_000),
    '\\boxed{'.repeat(10_000),
    '(x+y+z)^{500}',
    '9'.repeat(90_000),
  ];
  const lines = hostile.flatMap((pred) => [
    { gold: '(x+y+z)^{400}', pred },
    { gold: '1', pred: '1' },
  ]);
  const start = performance.now();
  expect(await runCli(['grade', file(lines.map((line) => JSON.stringify(line)).join('\n')), '--json'])).toBe(
    0,
  );
  expect(records().map(({ correct }) => correct)).toEqual(hostile.flatMap(() => [false, true]));
  expect(performance.now() - start).toBeLessThan(10_000);
});

test.each([
  ['a missing file', join(folder, 'none.jsonl'), 'There is no file'],
  ['a folder', folder, 'is a folder'],
])('%s: exit code 1 and the reason', async (_what, path, message) => {
  expect(await runCli(['grade', path, '--json'])).toBe(1);
  expect(stderr).toContain(message);
  expect(stdout).toBe('');
});
