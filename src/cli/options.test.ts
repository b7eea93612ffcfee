import { describe, expect, test } from 'vitest';
import { bindValues, decimal, idList, integer, temperature } from './options';

describe('a whole number', () => {
  const parse = integer(1, 10);
  test.each([
    ['1', 1],
    ['10', 10],
    ['+7', 7],
    ['007', 7],
  ])('%s is %d', (text, value) => expect(parse(text)).toBe(value));

  test.each(['0', '11', '-1', '1.5', '1e1', '0x5', 'abc', 'NaN', 'Infinity', '', ' ', '5 ', '9'.repeat(400)])(
    '"%s" is refused with the range',
    (text) => expect(() => parse(text)).toThrow('a whole number from 1 to 10'),
  );
});

describe('a decimal number', () => {
  const parse = decimal(-1, 1);
  test.each([
    ['0', 0],
    ['.5', 0.5],
    ['-1.', -1],
    ['1e-3', 0.001],
  ])('%s is %d', (text, value) => expect(parse(text)).toBe(value));

  test.each(['1.01', '-2', 'NaN', '1e999', '0x1', '.', '', '1,0', '--1'])(
    '"%s" is refused with the range',
    (text) => expect(() => parse(text)).toThrow('a number from -1 to 1'),
  );
});

test('a temperature is 0 for greedy, or not so small that rounding decides', () => {
  expect(['0', '0.05', '1', '4'].map(temperature)).toEqual([0, 0.05, 1, 4]);
  for (const text of ['0.01', '-1', '4.1', 'hot'])
    expect(() => temperature(text), text).toThrow('It must be');
});

test('token ids are separated by commas', () => {
  expect(idList('1, 42,7')).toEqual([1, 42, 7]);
  for (const text of ['', '1,', '1,,2', '-1', '1.5', '1 2', '9'.repeat(12)])
    expect(() => idList(text), text).toThrow('token ids separated by commas');
});

test('values that begin with a dash are bound to their option, up to the next option', () => {
  const bind = (line: string) => bindValues(line.split(' '), ['--ban']).join(' ');
  expect(bind('eval --ban -> --n 2')).toBe('eval --ban=-> --n 2');
  expect(bind('eval --ban wait -> - -3 --json x')).toBe('eval --ban=wait --ban=-> --ban=- --ban=-3 --json x');
  expect(bind('eval --ban=-> --ban -> wait')).toBe('eval --ban=-> --ban=-> --ban=wait');
  for (const line of ['eval --ban', 'eval --ban --json', 'eval --n -3 -- --ban'])
    expect(bind(line)).toBe(line);
});
