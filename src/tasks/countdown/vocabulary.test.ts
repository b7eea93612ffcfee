import { expect, test } from 'vitest';
import { Random } from '../../random';
import { Tokenizer } from '../../tokenizer/tokenizer';
import { EOS_ID, tokenIds, tokenizerConfigJson, tokenizerJson, tokenText, VOCABULARY } from './vocabulary';

const MODEL = '../../../public/models/tiny-countdown';
const file = (json: unknown) => `${JSON.stringify(json, null, 2)}\n`;

// After a change of the vocabulary `npx vitest run -u` on this file writes both files anew.
test('the shipped tokenizer files are the ones made here', async () => {
  await expect(file(tokenizerJson())).toMatchFileSnapshot(`${MODEL}/tokenizer.json`);
  await expect(file(tokenizerConfigJson())).toMatchFileSnapshot(`${MODEL}/tokenizer_config.json`);
});

test('96 different words, the numbers last', () => {
  expect(VOCABULARY).toHaveLength(96);
  expect(new Set(VOCABULARY).size).toBe(96);
  expect(tokenIds('<pad> <bos> <eos> \\boxed{ is not 0 63')).toEqual([0, 1, 2, 12, 30, 31, 32, 95]);
});

test('text and ids are inverse, and the tokenizer agrees', () => {
  const tokenizer = new Tokenizer(tokenizerJson(), tokenizerConfigJson());
  const random = new Random(5);
  for (let trial = 0; trial < 500; trial++) {
    const ids = Array.from({ length: random.range(1, 60) }, () => random.int(96));
    const text = tokenText(ids);
    expect(tokenIds(text)).toEqual(ids);
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.decode(ids)).toBe(text);
  }
  expect(tokenizer.eosId).toBe(EOS_ID);
});

test('an unknown word is named', () => {
  expect(() => tokenIds('4 + 64')).toThrow('"64" is not among the 96 words');
});
