import { expect, it } from 'vitest';
import { cutMiddle, toolOutput } from './output';
import type { ToolResult } from './types';

const result = (stdout: string, error: string | null = null): ToolResult => ({ stdout, error, ms: 1 });

it('shows what was printed, without the line end', () => {
  expect(toolOutput(result('42\n'))).toBe('42');
  expect(toolOutput(result('a\nb\n'))).toBe('a\nb');
  expect(toolOutput(result(''))).toBe('');
});

it('shows the last line of a traceback, after what was printed', () => {
  const traceback =
    'Traceback (most recent call last):\n  File "<code>", line 2\nZeroDivisionError: division by zero\n';
  expect(toolOutput(result('', traceback))).toBe('ZeroDivisionError: division by zero');
  expect(toolOutput(result('7\n', traceback))).toBe('7\nZeroDivisionError: division by zero');
});

it('cuts the middle: 200 characters from either end unless told otherwise', () => {
  const long = `${'a'.repeat(300)}${'b'.repeat(300)}`;
  expect(toolOutput(result(long))).toBe(`${'a'.repeat(200)}...${'b'.repeat(200)}`);
  expect(toolOutput(result(long), 10)).toBe('aaaaa...bbbbb');
  expect(cutMiddle('a'.repeat(400), 400)).toBe('a'.repeat(400));
});
