import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openModel, openModelDirectory } from './directory';
import { readSafetensors, writeSafetensors, type Tensor } from './safetensors';
import { memorySource } from './testing';

const file = (name: string) =>
  readFileSync(new URL(`../../public/models/tiny-countdown/${name}`, import.meta.url));
const NAMES = ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'];
const tiny = Object.fromEntries(NAMES.map((name) => [name, file(name)]));
const open = (files: Record<string, Uint8Array | string>) =>
  openModelDirectory(memorySource({ ...tiny, ...files }));

describe('what ends a response', () => {
  test('is named by config.json and by generation_config.json, together', async () => {
    expect((await open({})).config.eosTokenIds).toEqual([2]);
    const { config } = await open({ 'generation_config.json': '{"eos_token_id":[2,3],"temperature":0.7}' });
    expect(config.eosTokenIds).toEqual([2, 3]);
  });

  test.each(['{"eos_token_id":-1}', '{"eos_token_id":"</s>"}', '{"eos_token_id":[2,4000000]}', '[]'])(
    'is refused when it is no token: %s',
    async (json) => {
      await expect(open({ 'generation_config.json': json })).rejects.toThrow(
        /^generation_config\.json: its eos_token_id is no token id/,
      );
    },
  );
});

test('a chat template in a file of its own is the one that counts', async () => {
  const config = {
    ...(JSON.parse(tiny['tokenizer_config.json'].toString()) as object),
    chat_template: 'old',
  };
  const { tokenizerConfig } = await open({
    'tokenizer_config.json': JSON.stringify(config),
    'chat_template.jinja': '{{ messages[0].content }}',
  });
  expect(tokenizerConfig).toEqual({ ...config, chat_template: '{{ messages[0].content }}' });
});

describe('weights that do not belong', () => {
  const tensors = readSafetensors(tiny['model.safetensors'], 'model.safetensors');
  const withMore = (...more: Tensor[]) =>
    open({ 'model.safetensors': writeSafetensors([...tensors.values(), ...more]) });
  const extra = (name: string): Tensor => ({ name, shape: [1], data: new Float32Array(1) });

  test('are left out where transformers leaves them out', async () => {
    await expect(
      withMore(extra('lm_head.weight'), extra('model.layers.0.self_attn.rotary_emb.inv_freq')),
    ).resolves.toBeDefined();
  });

  test('are refused elsewhere', async () => {
    await expect(withMore(extra('model.layers.9.mlp.up_proj.weight'))).rejects.toThrow(
      /layers\.9.*not part of the model/,
    );
  });
});

test.each([
  ['tokenizer.json', undefined, /^tokenizer\.json: there is no such file\. Nothing was loaded/],
  ['config.json', '{', /^config\.json: it is not JSON/],
  ['model.safetensors', '', /^model\.safetensors: it has 0 bytes, too few/],
])('a fault of %s is told with its name', async (name, text, message) => {
  const others = Object.fromEntries(Object.entries(tiny).filter(([other]) => other !== name));
  const source = memorySource(text === undefined ? others : { ...others, [name]: text });
  await expect(openModelDirectory(source)).rejects.toThrow(message);
});

test('a model without its tokenizer can be opened to compute', async () => {
  const { config, weights } = await openModel(
    memorySource({ 'config.json': tiny['config.json'], 'model.safetensors': tiny['model.safetensors'] }),
  );
  expect(weights.entries.get('model.embed_tokens.weight')?.shape).toEqual([
    config.vocabSize,
    config.hiddenSize,
  ]);
});
