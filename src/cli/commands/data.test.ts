import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../program';

const folder = mkdtempSync(join(tmpdir(), 'lab-data-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const file = (name: string, text: string) => {
  writeFileSync(path(name), text);
  return path(name);
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
const printed = () =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const CSV = `question,answer,level
What is 1 + 1?,2,1
"Prove that 1 + 1
is 2.",2,
What is 1 + 1?,2,1
"Which is 2? (A) 1 (B) 2 (C) 3",B,
What is 2 + 2?,4,2
`;

test('a line for each dropped row, then the summary', async () => {
  expect(await runCli(['data', file('mine.csv', CSV), '--json'])).toBe(0);
  expect(printed()).toMatchObject([
    { line: 3, reason: 'proof', text: 'Prove that 1 + 1 is 2.' },
    { line: 5, reason: 'duplicate', detail: 'same question as line 2' },
    { line: 6, reason: 'multiple choice' },
    { rows: 5, kept: 2, dropped: { proof: 1, duplicate: 1, 'multiple choice': 1, 'open-ended': 0 } },
  ]);
  expect(stderr).toBe('');
});

test('people read the same in words', async () => {
  expect(await runCli(['data', file('mine.csv', CSV)])).toBe(0);
  expect(stdout).toContain('line 5: duplicate (same question as line 2): What is 1 + 1?');
  expect(stdout).toMatch(/rows +5\n.*[^]*kept +2\n/);
});

test('what is kept can be imported again, and falls into the same splits', async () => {
  const kept = path('kept.jsonl');
  expect(await runCli(['data', file('mine.csv', CSV), '--out', kept, '--json'])).toBe(0);
  const first = printed().at(-1)!;
  const lines = readFileSync(kept, 'utf8').trim().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { prompt: 'What is 1 + 1?', answer: '2', level: 1 },
    { prompt: 'What is 2 + 2?', answer: '4', level: 2 },
  ]);
  stdout = '';
  expect(await runCli(['data', kept, '--json'])).toBe(0);
  expect(printed()).toMatchObject([{ rows: 2, kept: 2, splits: first.splits }]);
});

test('questions of a held-out file are dropped', async () => {
  const heldOut = file('test.jsonl', '{"question": "what is 2 + 2"}');
  expect(await runCli(['data', file('mine.csv', CSV), '--held-out', heldOut, '--json'])).toBe(0);
  expect(printed()).toContainEqual(expect.objectContaining({ line: 7, reason: 'in the test set' }));
});

test('escape sequences of a foreign file do not reach the terminal', async () => {
  const text = '{"question": "Prove \\u001b[2J this", "answer": "1"}\n{"question": "a", "answer": "1"}';
  expect(await runCli(['data', file('odd.jsonl', text)])).toBe(0);
  expect(stdout).not.toContain('\u001b');
});

test.each<[why: string, text: string, options: string[], message: string]>([
  ['nothing usable', '{"question": "Why?", "answer": "1"}', [], 'No row of'],
  ['an empty file', '', [], 'The file is empty'],
  ['no question', 'a,b\n1,2', [], 'No column holds questions'],
  ['its own output', CSV, ['--out', path('bad')], 'is also read'],
  ['an output that cannot be written', CSV, ['--out', join(path('none'), 'x')], 'could not be written'],
])('%s: exit code 1 and a message without a stack', async (_, text, options, message) => {
  expect(await runCli(['data', file('bad', text), ...options])).toBe(1);
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/\n\s+at /);
});
