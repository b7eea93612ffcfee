import { expect, test } from 'vitest';
import { Random } from '../random';
import { VOCABULARY } from './countdown/vocabulary';
import { highlightRanges, keywordCategories, KEYWORDS } from './keywords';

const found = (text: string) =>
  Object.entries(keywordCategories(text))
    .filter(([, shown]) => shown)
    .map(([category]) => category);
const marked = (text: string) => highlightRanges(text).map((r) => [r.category, text.slice(r.start, r.end)]);

test('English keywords, in any case, as whole words', () => {
  expect(found('Let me Verify this.')).toEqual(['verification']);
  expect(found('I double-check: fine')).toEqual(['verification']);
  expect(found('HOWEVER, I must revise it')).toEqual(['reflection', 'correction']);
  expect(found('The waiter reflected on incorrect checkers; éwait, wait_1')).toEqual([]);
  for (const [category, words] of Object.entries(KEYWORDS)) {
    for (const word of words) expect(found(`x ${word}.`)).toEqual([category]);
  }
});

test('a different trial after a no is a correction', () => {
  const text = '10 + 6 = 16 check 32 no wait 4 + 2 = 6 , 10 - 6 = 4 check 4 yes';
  expect(marked(text)).toEqual([
    ['verification', 'check'],
    ['reflection', 'wait'],
    ['correction', '4 + 2 = 6 , 10 - 6 = 4'],
    ['verification', 'check'],
  ]);
});

test.each([
  ['the same trial again', '4 + 2 = 6 , 6 + 1 = 7 check 8 no wait 4 + 2 = 6 , 6 + 1 = 7'],
  ['giving up', '4 + 2 = 6 check 8 no \\boxed{ 4 + 2 }'],
  ['after a yes', '4 + 2 = 6 check 6 yes 4 + 1 = 5'],
  ['a no before any trial', 'no wait 4 + 1 = 5'],
  ['two steps of one trial', '4 + 2 = 6 , 6 + 1 = 7'],
])('%s is none', (_, text) => {
  expect(keywordCategories(text).correction).toBe(false);
});

test('ranges are in order, in bounds and apart for any text (seed 8)', () => {
  const random = new Random(8);
  for (let i = 0; i < 2000; i++) {
    const text = Array.from({ length: random.int(60) }, () => random.choice(VOCABULARY)).join(' ');
    let end = 0;
    for (const range of highlightRanges(text)) {
      expect(range.start).toBeGreaterThanOrEqual(end);
      expect(range.end).toBeGreaterThan(range.start);
      end = range.end;
    }
    expect(end).toBeLessThanOrEqual(text.length);
  }
});

test('long texts are read in linear time', () => {
  const long = ['no '.repeat(200_000), `no${' '.repeat(300_000)}`, '1 + 1 = 2 no wait '.repeat(30_000)];
  const start = performance.now();
  for (const text of long) highlightRanges(text);
  expect(performance.now() - start).toBeLessThan(5000);
});
