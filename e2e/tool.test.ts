/** `lab tool`: a snippet in the sandbox, as a script meets it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { tinyWheel } from '../src/tools/packages/testing.ts';

const root = join(import.meta.dirname, '..');
const temporary = mkdtempSync(join(tmpdir(), 'lab-tool-'));
afterAll(() => rmSync(temporary, { recursive: true }));

function tool(args: string[], input = '') {
  const command = [join(root, 'src/cli/lab.mjs'), 'tool', ...args, '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    input,
    encoding: 'utf8',
  });
  const records = stdout.split('\n').slice(0, -1);
  return { status, stderr, results: records.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('Python from the standard input: what it printed, and its traceback', () => {
  const { status, results } = tool(['--lang', 'python', '--code', '-'], 'print(2**100)\nprint(1 / 0)\n');
  expect(status).toBe(0);
  expect(results).toEqual([
    {
      stdout: '1267650600228229401496703205376\n',
      error: expect.stringMatching(
        /line 2, in <module>[^]*\nZeroDivisionError: division by zero\n$/,
      ) as string,
      ms: expect.any(Number) as number,
    },
  ]);
});

test('JavaScript from a file, within its limits', () => {
  const file = join(temporary, 'loop.js');
  writeFileSync(file, 'print(1);\nfor (;;) {}\n');
  const { status, results } = tool(['--lang', 'javascript', '--code', file, '--seconds', '0.5']);
  expect(status).toBe(0);
  expect(results).toMatchObject([
    { error: 'TimeoutError: the code was stopped after 0.5 seconds', refused: 'time' },
  ]);
});

test('the calculator', () => {
  const { results } = tool(['--lang', 'calculator', '--code', '-'], '( 1 / 3 + 1 / 6 ) * 3\n');
  expect(results).toMatchObject([{ stdout: '3 / 2\n', error: null }]);
});

const wheel = (name: string, bytes: string | Uint8Array): string => {
  const path = join(temporary, name);
  writeFileSync(path, bytes);
  return path;
};
const tiny = wheel('tiny-1.0-py3-none-any.whl', await tinyWheel());
const needy = wheel(
  'needy-1.0-py3-none-any.whl',
  await tinyWheel({ package: 'needy', metadata: ['Requires-Dist: tiny>=2'], files: { 'needy.py': '' } }),
);

test('Python imports the packages that are named', () => {
  const { status, results } = tool(['--package', tiny, '--code', '-'], 'import tiny\nprint(tiny.answer)\n');
  expect(status).toBe(0);
  expect(results).toMatchObject([{ stdout: '42\n', error: null }]);
});

test.each([
  [
    'an unknown language',
    ['--lang', 'perl', '--code', '-'],
    /Allowed choices are calculator, javascript, python/,
  ],
  ['no file', ['--code', join(temporary, 'none.py')], /there is no file .*none\.py/],
  [
    'a package that is none',
    ['--package', wheel('page.whl', '<html>'), '--code', '-'],
    /"page\.whl" cannot be used as a package: it is not a whole zip file/,
  ],
  [
    'a package that lacks another',
    ['--package', needy, tiny, '--code', '-'],
    /needy 1\.0 needs tiny >=2, and 1\.0 is among the packages/,
  ],
  [
    'a package without Python',
    ['--lang', 'calculator', '--package', tiny, '--code', '-'],
    /goes with Python/,
  ],
  ['a limit out of range', ['--code', '-', '--seconds', '0'], /a number from 0\.1 to 60/],
])('%s: exit code 1, the reason on stderr, nothing on stdout', (_, args, message) => {
  const { status, stderr, results } = tool(args);
  expect(status).toBe(1);
  expect(stderr).toMatch(message);
  expect(results).toEqual([]);
});
