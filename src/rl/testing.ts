/** An untrained tiny model with Countdown's tokenizer, as a model directory. */
import type { ModelDirectory } from '../model/directory';
import { TINY_CONFIG, tinyTensors } from '../model/testing';
import { tokenizerConfigJson, tokenizerJson } from '../tasks/countdown/vocabulary';

export const tinyDirectory = (seed: number): ModelDirectory => ({
  config: TINY_CONFIG,
  tensors: tinyTensors(seed),
  tokenizer: tokenizerJson(),
  tokenizerConfig: tokenizerConfigJson(),
});
