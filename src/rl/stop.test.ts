import { expect, it } from 'vitest';
import { Random } from '../random';
import { cutAtStop } from './stop';

/** One letter a token. */
const decode = (tokens: Uint32Array) => String.fromCharCode(...tokens);
const completion = (text: string) => ({
  tokens: Uint32Array.from(text, (c) => c.charCodeAt(0)),
  logps: Float32Array.from(text, (_, i) => -i),
  finished: false,
});
const cut = (text: string, ...stops: string[]) => cutAtStop(completion(text), stops, decode);

it('ends a response where a stop string is complete, and keeps the string', () => {
  const { tokens, logps, finished } = cut('so 7. end of it. more', 'end', 'of it.');
  expect(decode(tokens)).toBe('so 7. end');
  expect([...logps]).toEqual(Array.from({ length: 9 }, (_, i) => -i));
  expect(finished).toBe(true);
});

it('leaves a response without one as it is', () => {
  const whole = completion('so 7.');
  expect(cutAtStop(whole, ['end'], decode)).toBe(whole);
  expect(cutAtStop(whole, [], decode)).toBe(whole);
  expect(cut('', 'end').tokens).toHaveLength(0);
});

it('finds the first occurrence, wherever it stands', () => {
  const seed = 2;
  const random = new Random(seed);
  for (let i = 0; i < 300; i++) {
    const text = Array.from({ length: random.range(0, 40) }, () => random.choice(['a', 'b', 'c'])).join('');
    const stop = random.choice(['ab', 'bca', 'cc']);
    const at = text.indexOf(stop);
    const expected = at < 0 ? text : text.slice(0, at + stop.length);
    expect(decode(cut(text, stop).tokens), `seed ${seed}, ${text}, ${stop}`).toBe(expected);
  }
});
