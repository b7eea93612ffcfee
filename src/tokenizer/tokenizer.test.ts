import { expect, test } from 'vitest';
import { Tokenizer, TokenizerError } from './tokenizer';

const json = {
  added_tokens: [{ id: 3, content: '</s>', special: true }],
  normalizer: null,
  pre_tokenizer: { type: 'WhitespaceSplit' },
  post_processor: null,
  decoder: null,
  model: { type: 'WordLevel', vocab: { do: 0, "n't": 1, '.': 2, '</s>': 3 }, unk_token: '<unk>' },
};
const config = { eos_token: '</s>', clean_up_tokenization_spaces: true };

test('spaces stay as they are, whatever the config says', () => {
  const tokenizer = new Tokenizer(json, config);
  expect(tokenizer.encode("do n't .")).toEqual([0, 1, 2]);
  expect(tokenizer.decode(new Uint32Array([0, 1, 2]))).toBe("do n't .");
});

test('special tokens are kept or skipped on request', () => {
  const tokenizer = new Tokenizer(json, config);
  expect(tokenizer.encode('do </s>')).toEqual([0, 3]);
  expect(tokenizer.decode([0, 3])).toBe('do </s>');
  expect(tokenizer.decode([0, 3], { skipSpecialTokens: true })).toBe('do');
  expect(tokenizer.decode([])).toBe('');
});

test('a special token may be given as an object; without padding the end token pads', () => {
  const tokenizer = new Tokenizer(json, { eos_token: { content: '</s>', lstrip: false } });
  expect([tokenizer.eosId, tokenizer.padId, tokenizer.bosId]).toEqual([3, 3, null]);
  expect(tokenizer.tokenId('do')).toBe(0);
  expect(tokenizer.tokenId('undo')).toBeNull();
});

test('unknown words are named, and what is no id', () => {
  const tokenizer = new Tokenizer(json, config);
  expect(() => tokenizer.encode('do undo')).toThrow('does not know "undo"');
  for (const id of [-1, NaN, 0.5]) expect(() => tokenizer.decode([0, id])).toThrow(TokenizerError);
});

test('rows of a model that no token has are nothing', () => {
  const tokenizer = new Tokenizer(json, config);
  expect(tokenizer.decode([0, 4, 151_935])).toBe('do');
  expect(tokenizer.decode([4])).toBe('');
});

test('what is no tokenizer is refused with a reason', () => {
  expect(() => new Tokenizer(null, config)).toThrow('tokenizer.json is not a JSON object');
  expect(() => new Tokenizer(json, 'x')).toThrow('tokenizer_config.json is not');
  expect(() => new Tokenizer({}, config)).toThrow(TokenizerError);
  expect(() => new Tokenizer({ ...json, model: { type: 'Strange' } }, config)).toThrow(TokenizerError);
  expect(() => new Tokenizer(json, {})).toThrow('no eos_token');
  expect(() => new Tokenizer(json, { eos_token: '<none>' })).toThrow('no eos_token');
});
