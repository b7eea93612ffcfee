import { expect, test } from 'vitest';
import { split } from '../tasks/countdown/problems';
import { parseProblems } from './data';

const lines = (...values: unknown[]) => values.map((v) => JSON.stringify(v)).join('\n');

test('a problem written as numbers and as a prompt is the same one', () => {
  const text = lines(
    { numbers: [2, 9, 8], target: 1 },
    { prompt: '9 8 2 -> 1 A:', answer: '1', source: 'other fields are ignored' },
    { prompt: '8 9 2 -> 1', answer: 1 },
  );
  const problems = parseProblems(text, 'problems.jsonl');
  expect(new Set(problems.map((p) => p.id))).toEqual(new Set(['9,8,2->1']));
  expect(problems.map((p) => p.prompt)).toEqual(Array(3).fill('9 8 2 -> 1 A:'));
});

test('a split written to a file comes back as it was', () => {
  const problems = split('test').slice(0, 50);
  expect(parseProblems(lines(...problems), 'test.jsonl')).toEqual(problems);
  const short = problems.map(({ prompt, answer }) => ({ prompt, answer }));
  expect(parseProblems(lines(...short), 'test.jsonl')).toEqual(problems);
});

test('blank lines, a byte order mark and Windows line ends do no harm', () => {
  const text = '\uFEFF\r\n{"numbers":[9,8,2],"target":1}\r\n\r\n';
  expect(parseProblems(text, 'problems.jsonl')).toHaveLength(1);
});

test.each([
  ['{"numbers":[9,8],"target":1}', 'three whole numbers'],
  ['{"numbers":[9,8,2.5],"target":1}', 'three whole numbers'],
  ['{"numbers":[9,8,64],"target":1}', 'from 0 to 63'],
  ['{"numbers":"9 8 2","target":1}', 'three whole numbers'],
  ['{"numbers":[9,8,2]}', '"target"'],
  ['{"numbers":[9,8,2],"target":"1"}', '"target"'],
  ['{"prompt":"What is love?","answer":"1"}', 'not of the form'],
  ['{"prompt":"9 8 2 -> 1 A:"}', 'no "answer"'],
  ['{"prompt":"9 8 2 -> 1 A:","answer":"2"}', 'not the target 1'],
  ['{}', 'neither'],
  ['[9,8,2]', 'not a JSON object'],
  ['null', 'not a JSON object'],
  ['{"numbers":[9,8,2],', 'not JSON'],
])('%s is reported with its line: %s', (line, message) => {
  const text = `{"numbers":[9,8,2],"target":1}\n\n${line}\n`;
  expect(() => parseProblems(text, 'mine.jsonl')).toThrow('mine.jsonl: 1 of its lines');
  expect(() => parseProblems(text, 'mine.jsonl')).toThrow(/line 3: /);
  expect(() => parseProblems(text, 'mine.jsonl')).toThrow(message);
});

test('many bad lines give a short message, an empty file its own', () => {
  expect(() => parseProblems('x\n'.repeat(1000), 'f')).toThrow(/1000 of its lines[^]*line 5[^]*and 995 more/);
  expect(() => parseProblems('\n', 'f')).toThrow('f holds no problem');
});
