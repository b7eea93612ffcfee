import { describe, expect, it } from 'vitest';
import { Random } from '../random';
import { Calculator } from './calculator';
import { ToolError } from './types';

const calculator = new Calculator({ output_chars: 400 });
const value = async (code: string) => (await calculator.call(code)).stdout.trimEnd();
const error = async (code: string) => (await calculator.call(code)).error;

describe('values', () => {
  it.each([
    ['14 * 3 - 15', '27'],
    ['( 14 + 1 / 3 ) * 3', '43'],
    ['1 / 3 + 1 / 6', '1 / 2'],
    ['2 - 5', '-3'],
    ['- ( 3 - - 2 )', '-5'],
    ['1 / -4', '-1 / 4'],
    ['0.1 + .2', '3 / 10'],
    ['2 × 3 − 6 ÷ 4', '9 / 2'],
    ['99999999999 * 99999999999', '9999999999800000000001'],
    ['0.1 + 0.2 = 0.3', 'yes'],
    ['7 * 8 == 54', 'no'],
    ['1 + 1\n\n2 * 3', '2\n6'],
    ['', ''],
  ])('%s → %s', async (code, expected) => {
    const result = await calculator.call(code);
    expect(result.error).toBeNull();
    expect(result.stdout.trimEnd()).toBe(expected);
  });

  it('equals integer arithmetic on random expressions', async () => {
    const seed = 7;
    const random = new Random(seed);
    const make = (depth: number): [string, bigint] => {
      if (depth === 0) {
        const n = random.int(1000);
        return [String(n), BigInt(n)];
      }
      const [[a, x], [b, y]] = [make(depth - 1), make(random.int(depth))];
      const operator = random.choice(['+', '-', '*'] as const);
      return [`( ${a} ${operator} ${b} )`, { '+': x + y, '-': x - y, '*': x * y }[operator]];
    };
    for (let i = 0; i < 200; i++) {
      const [text, expected] = make(random.range(1, 4));
      expect(await value(text), `seed ${seed}: ${text}`).toBe(String(expected));
    }
  });
});

describe('errors', () => {
  it.each([
    ['1 / 0', 'Division by zero.'],
    ['1 / ( 2 - 2 )', 'Division by zero.'],
    ['1 +', 'The expression ends too early.'],
    ['( 1', 'A parenthesis is not closed.'],
    ['1 2', '“2” does not belong where it stands.'],
    ['1 = 1 = 1', '“=” does not belong where it stands.'],
    ['process.exit()', '“p” does not belong where it stands.'],
    ['.', '“.” does not belong where it stands.'],
    ['('.repeat(5000), 'The parentheses are nested too deeply.'],
    ['9'.repeat(2000), 'The numbers are too long.'],
    [Array.from({ length: 900 }, () => '999999999').join('*'), 'The numbers are too long.'],
    ['1'.repeat(20_000), 'The code is longer than 10000 characters.'],
  ])('%.20s', async (code, message) => expect(await error(code)).toBe(message));

  it('keeps what came before the line that failed', async () => {
    expect(await calculator.call('1 + 1\n1 / 0\n3')).toMatchObject({
      stdout: '2\n',
      error: 'Division by zero.',
    });
  });

  it('answers any text, with a line for each of its lines or an error', async () => {
    const seed = 11;
    const random = new Random(seed);
    const alphabet = [...'0123456789+-*/()=. \n\0éx∞'];
    for (let i = 0; i < 500; i++) {
      const text = Array.from({ length: random.int(40) }, () => random.choice(alphabet)).join('');
      const { stdout, error } = await calculator.call(text);
      const lines = text.split('\n').filter((line) => line.trim() !== '').length;
      const answered = stdout.split('\n').length - 1;
      expect(error === null ? answered === lines : answered < lines, `seed ${seed}: ${text}`).toBe(true);
    }
  });
});

it('rejects when it was closed or the call was aborted', async () => {
  const closed = new Calculator({ output_chars: 10 });
  closed.close();
  await expect(closed.call('1')).rejects.toThrow(ToolError);
  await expect(calculator.call('1', AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
});
