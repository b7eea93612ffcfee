import { expect, test } from 'vitest';
import { allBoxed, lastBoxed } from './boxed';

test.each([
  ['one', 'so \\boxed{5}.', ['5']],
  ['braces inside', '\\boxed{\\frac{1}{2}}', ['\\frac{1}{2}']],
  ['several', '\\boxed{1} and \\fbox{ 2 }', ['1', '2']],
  ['the outer of two', '\\boxed{x = \\boxed{5}}', ['x = \\boxed{5}']],
  ['the inner, if the outer is not closed', '\\boxed{x = \\boxed{5}', ['5']],
  ['a space before the brace', '\\boxed {7}', ['7']],
  ['without braces', 'so $\\boxed 5$ is it', ['5']],
  ['a sentence about it', 'I use \\boxed for this: \\boxed{5}, see \\boxed', ['5']],
  ['not closed', '\\boxed{12', []],
  ['none', 'boxed {5}', []],
])('%s: %s', (_what, text, contents) => {
  expect(allBoxed(text).map((box) => box.content)).toEqual(contents);
});

test('a box is where it says', () => {
  const text = 'first \\boxed{1}, then \\boxed{\\sqrt{2}}!';
  for (const { start, end } of allBoxed(text)) expect(text.slice(start, end)).toMatch(/^\\boxed\{.*\}$/);
  expect(lastBoxed(text).content).toBe('\\sqrt{2}');
});
