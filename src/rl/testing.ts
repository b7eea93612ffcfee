/** Untrained tiny models, as model directories. */
import type { ModelDirectory } from '../model/directory';
import { TINY_CONFIG, tinyTensors } from '../model/testing';
import { tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';

/** With Countdown's tokenizer. */
export const tinyDirectory = (seed: number): ModelDirectory => ({
  config: TINY_CONFIG,
  tensors: tinyTensors(seed),
  tokenizer: tokenizerJson(),
  tokenizerConfig: tokenizerConfigJson(),
});

/**
 * With a tokenizer that knows every byte, and so reads and writes any text. Besides `<eos>`, the first 24 bytes end a
 * response: guesses are short and of different lengths.
 */
export function byteDirectory(seed: number): ModelDirectory {
  const special = ['<bos>', '<eos>'];
  const vocabulary = [...special, ...byteCharacters()];
  const config = {
    ...TINY_CONFIG,
    vocabSize: vocabulary.length,
    bosTokenId: 0,
    eosTokenIds: Array.from({ length: 25 }, (_, i) => 1 + i),
  };
  return {
    config,
    tensors: tinyTensors(seed, config),
    tokenizer: {
      version: '1.0',
      added_tokens: special.map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])),
        merges: [],
        unk_token: null,
      },
    },
    tokenizerConfig: { ...tokenizerConfigJson(), pad_token: '<eos>' },
  };
}

/** GPT-2's visible stand-ins for the 256 bytes, in the order of the bytes. */
function byteCharacters(): string[] {
  const isVisible = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let hidden = 0;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(isVisible(b) ? b : 256 + hidden++));
}
