/** A tokenizer of Qwen's kind against transformers (e2e/golden/make_tokenizer.py): other languages, code, odd characters. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Tokenizer } from './tokenizer';

const read = (name: string) =>
  readFileSync(new URL(`../../e2e/golden/qwen-tokenizer/${name}`, import.meta.url), 'utf8');
const tokenizer = new Tokenizer(
  JSON.parse(read('tokenizer.json')),
  JSON.parse(read('tokenizer_config.json')),
);
const golden = read('texts.jsonl')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { text: string; ids: number[]; decoded: string; skipped: string });

test('ids are those of transformers', () => {
  for (const { text, ids } of golden) expect(tokenizer.encode(text), JSON.stringify(text)).toEqual(ids);
});

test('ids become text again, with special tokens and without', () => {
  for (const { ids, decoded, skipped } of golden) {
    expect(tokenizer.decode(ids)).toBe(decoded);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(skipped);
  }
});

test('a text survives the trip but for its normal form, whatever it is made of', () => {
  for (const { text } of golden)
    expect(tokenizer.decode(tokenizer.encode(text)).normalize('NFC')).toBe(text.normalize('NFC'));
});

test('ends and pads with the tokens that the configuration names', () => {
  expect([tokenizer.eosId, tokenizer.padId]).toEqual(
    ['<|im_end|>', '<|endoftext|>'].map((token) => tokenizer.tokenId(token)),
  );
  expect(tokenizer.bosId).toBeNull();
});
