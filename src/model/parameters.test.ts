import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Random } from '../random';
import { parseModelConfig } from './config';
import { ModelFileError } from './errors';
import { checkTensors, initParameters, parameterShapes } from './parameters';
import { readSafetensors, writeSafetensors } from './safetensors';

const read = (path: string) => readFileSync(new URL(`../../e2e/golden/${path}`, import.meta.url));
const model = (name: string) => ({
  config: parseModelConfig(JSON.parse(read(`${name}/config.json`).toString())),
  tensors: readSafetensors(read(`${name}/model.safetensors`), 'model.safetensors'),
});

/** The lab's own tiny base: 135,616 weights as prototyped, and its biases. */
const tinyBase = parseModelConfig({
  architectures: ['Qwen2ForCausalLM'],
  vocab_size: 96,
  hidden_size: 64,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  intermediate_size: 160,
  tie_word_embeddings: true,
});

describe('names and shapes', () => {
  test.each(['qwen2-tiny', 'qwen3-tiny'])('of %s are those transformers saved', (name) => {
    const { config, tensors } = model(name);
    const shapes = Object.fromEntries(parameterShapes(config).map((p) => [p.name, p.shape]));
    expect(shapes).toEqual(Object.fromEntries([...tensors.values()].map((t) => [t.name, t.shape])));
    expect(() => checkTensors(config, tensors, 'model.safetensors')).not.toThrow();
  });

  test('of the tiny base add up', () => {
    const count = parameterShapes(tinyBase).reduce((sum, p) => sum + p.shape.reduce((a, b) => a * b), 0);
    expect(count).toBe(135_616 + 3 * (64 + 32 + 32));
  });
});

describe('weights that do not fit their config are refused', () => {
  const { config, tensors } = model('qwen3-tiny');
  const changed = (change: (copy: typeof tensors) => void) => {
    const copy = new Map(tensors);
    change(copy);
    return () => checkTensors(config, copy, 'model.safetensors');
  };
  const norm = 'model.norm.weight';

  test('one missing, by name', () => {
    const check = changed((copy) => copy.delete(norm));
    expect(check).toThrow(ModelFileError);
    expect(check).toThrow(/^model\.safetensors: tensor model\.norm\.weight is missing\. Nothing was loaded/);
  });

  test('many missing, the first three', () => {
    const check = changed((copy) => copy.clear());
    expect(check).toThrow(
      /embed_tokens\.weight, .*input_layernorm\.weight, .*q_proj\.weight and 22 more are missing/,
    );
  });

  test('a tensor too many', () => {
    const bias = { name: 'lm_head.bias', shape: [52], data: new Float32Array(52) };
    expect(changed((copy) => copy.set(bias.name, bias))).toThrow(/lm_head\.bias is not part of the model/);
  });

  test('a shape transposed', () => {
    const down = tensors.get('model.layers.0.mlp.down_proj.weight')!;
    const check = changed((copy) => copy.set(down.name, { ...down, shape: [...down.shape].reverse() }));
    expect(check).toThrow(/has shape \[44, 32\], but config\.json asks for \[32, 44\]/);
  });

  test.each([NaN, Infinity])('a value of %d', (value) => {
    const data = new Float32Array(32).fill(1);
    data[5] = value;
    const check = changed((copy) => copy.set(norm, { name: norm, shape: [32], data }));
    expect(check).toThrow(`tensor ${norm} holds ${value} at position 5`);
  });
});

describe('first values', () => {
  const parameters = initParameters(tinyBase, new Random(7));
  const values = (name: string) => parameters.get(name)!.data;

  test('survive a trip through safetensors and fit the config', () => {
    const reread = readSafetensors(writeSafetensors(parameters.values()), 'model.safetensors');
    checkTensors(tinyBase, reread, 'model.safetensors');
    expect(reread).toEqual(parameters);
  });

  test.each([
    ['model.embed_tokens.weight', 0.05],
    ['model.layers.0.self_attn.q_proj.weight', 1 / 8],
    ['model.layers.1.mlp.up_proj.weight', 1 / 8],
    ['model.layers.2.self_attn.o_proj.weight', 1 / 8 / Math.sqrt(6)],
    ['model.layers.2.mlp.down_proj.weight', 1 / 8 / Math.sqrt(6)],
  ])('of %s are normal with standard deviation %d', (name, std) => {
    const data = values(name);
    const fourSigma = 4 / Math.sqrt(data.length);
    const mean = data.reduce((a, b) => a + b) / data.length;
    const meanSquare = data.reduce((a, b) => a + b * b, 0) / data.length;
    expect(Math.abs(mean / std)).toBeLessThan(fourSigma);
    expect(Math.abs(Math.sqrt(meanSquare) / std - 1)).toBeLessThan(fourSigma);
  });

  test('of norms are 1, of biases 0', () => {
    expect(new Set(values('model.layers.0.post_attention_layernorm.weight'))).toEqual(new Set([1]));
    expect(new Set(values('model.layers.0.self_attn.v_proj.bias'))).toEqual(new Set([0]));
  });

  test('repeat with the seed and differ with another', () => {
    expect(initParameters(tinyBase, new Random(7))).toEqual(parameters);
    expect(initParameters(tinyBase, new Random(8))).not.toEqual(parameters);
  });
});
