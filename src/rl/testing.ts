/** Untrained tiny models, as model directories. */
import type { ModelDirectory } from '../model/directory';
import { TINY_CONFIG, tinyWeights } from '../model/testing';
import { Tokenizer } from '../tokenizer/tokenizer';
import { promptEncoder } from './prompt';
import type { StepSettings } from './step';
import { tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';

/** With Countdown's tokenizer. */
export const tinyDirectory = (seed: number): ModelDirectory => ({
  config: TINY_CONFIG,
  weights: tinyWeights(seed),
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
    weights: tinyWeights(seed, config),
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

/** That tokenizer, with more special tokens. */
export function byteTokenizer(tokens: readonly string[] = []): Tokenizer {
  const { tokenizer, tokenizerConfig } = byteDirectory(1);
  const json = tokenizer as { added_tokens: object[]; model: { vocab: Record<string, number> } };
  for (const content of tokens) {
    const id = Object.keys(json.model.vocab).length;
    json.added_tokens.push({ ...json.added_tokens[0], id, content });
    json.model.vocab[content] = id;
  }
  return new Tokenizer(json, tokenizerConfig);
}

/** GPT-2's visible stand-ins for the 256 bytes, in the order of the bytes. */
function byteCharacters(): string[] {
  const isVisible = (b: number) => (b >= 33 && b <= 126) || (b >= 161 && b <= 172) || b >= 174;
  let hidden = 0;
  return Array.from({ length: 256 }, (_, b) => String.fromCodePoint(isVisible(b) ? b : 256 + hidden++));
}

/** A step of two small groups; every response earns by its length, for an untrained model is never right. */
export const TINY_STEP: StepSettings = {
  seed: 3,
  temperature: 1,
  topK: 0,
  topP: 1,
  maxCompletionLength: 16,
  encodePrompt: promptEncoder(new Tokenizer(tokenizerJson(), tokenizerConfigJson()), tokenizerConfigJson()),
  objective: {
    epsilon: 0.2,
    epsilonHigh: 0.2,
    clipRatioC: 0,
    importanceSamplingLevel: 'token',
    lossType: 'dr_grpo',
    lossScaleLength: 16,
  },
  topEntropyQuantile: 1,
  optimizer: { learningRate: 1e-3, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 },
  queriesPerStep: 2,
  numGenerations: 2,
  stopStrings: [],
  dynamicSampling: 0,
  reward: {
    output: 1,
    wrong: 0,
    format: 0,
    requireFormat: false,
    length: 1,
    actions: 0,
    actionWords: [],
    overlong: 0,
    overlongBuffer: 1,
    toolCost: 0,
    custom: 0,
  },
  selection: 'none',
  advantage: { estimator: 'group', scale: 'group' },
  maskTruncated: false,
  kl: {
    schedule: 'none',
    beta: 0,
    betaEnd: 0,
    horizon: 10,
    target: 0.1,
    estimator: 'k3',
    placement: 'loss',
    syncSteps: 0,
  },
  entropy: { coef: 0 },
  strategy: { miniBatches: 1, numIterations: 1, replaySteps: 0, replayRatio: 0 },
};
