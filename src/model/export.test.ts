import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openModelDirectory } from './directory';
import { ModelFileError } from './errors';
import { exportedFiles, type ExportedFile } from './export';
import { initParameters } from './parameters';
import { Random } from '../random';
import { memorySource } from './testing';
import { writeSafetensors, type Tensor } from './safetensors';
import { tensorWeights, toFloat32 } from './weights';

const base = Object.fromEntries(
  ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].map((name) => [
    name,
    readFileSync(new URL(`../../public/models/tiny-countdown/${name}`, import.meta.url)),
  ]),
);
const { config } = await openModelDirectory(memorySource(base));
const trained = initParameters(config, new Random(5));

const weightsOf = (tensors: ReadonlyMap<string, Tensor>) => tensorWeights(tensors, 'model.safetensors');
const contents = async (files: readonly ExportedFile[]) => {
  const read: Record<string, Uint8Array> = {};
  for (const { name, parts } of files) {
    const all: Uint8Array[] = [];
    for await (const part of parts) all.push(part);
    read[name] = new Uint8Array(Buffer.concat(all));
  }
  return read;
};
const text = (files: Record<string, Uint8Array>, name: string) => new TextDecoder().decode(files[name]);

describe('an exported model', () => {
  test('is read back as it is, with everything else of its base', async () => {
    const files = await contents(await exportedFiles(memorySource(base), weightsOf(trained), 'float32'));
    const { weights, ...others } = await openModelDirectory(memorySource(files));
    expect(await openModelDirectory(memorySource(base))).toMatchObject(others);
    for (const [name, { shape, data }] of trained) {
      expect(weights.entries.get(name)).toMatchObject({ shape, dtype: 'F32' });
      expect(Buffer.compare(await weights.read(name), new Uint8Array(data.buffer))).toBe(0);
    }
    // Part by part, and yet byte for byte what it is in one piece.
    expect(Buffer.compare(files['model.safetensors'], writeSafetensors(trained.values()))).toBe(0);
    expect(text(files, 'config.json')).toBe(base['config.json'].toString());
  });

  test('in bfloat16 says so, and is off by its rounding alone', async () => {
    const files = await contents(await exportedFiles(memorySource(base), weightsOf(trained), 'bfloat16'));
    expect(JSON.parse(text(files, 'config.json'))).toMatchObject({ dtype: 'bfloat16', vocab_size: 96 });
    expect(text(files, 'config.json')).not.toContain('torch_dtype');
    const { weights } = await openModelDirectory(memorySource(files));
    for (const [name, { data }] of trained) {
      const read = toFloat32(await weights.read(name), 'BF16');
      const worst = data.reduce(
        (most, x, i) => Math.max(most, Math.abs(read[i] - x) / (Math.abs(x) + 1e-30)),
        0,
      );
      expect(worst).toBeLessThanOrEqual(2 ** -8);
    }
  });

  test('has a generation config of its own where its base has none, and else that of its base', async () => {
    const made = await contents(await exportedFiles(memorySource(base), weightsOf(trained), 'float32'));
    expect(JSON.parse(text(made, 'generation_config.json'))).toEqual({
      _from_model_config: true,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: 0,
    });
    const shipped = new URL('../../public/models/tiny-countdown/generation_config.json', import.meta.url);
    expect(text(made, 'generation_config.json')).toBe(readFileSync(shipped, 'utf8'));
    const with2 = {
      ...base,
      'generation_config.json': '{"eos_token_id":[2,3]}',
      'chat_template.jinja': '{{ x }}',
    };
    const copied = await contents(await exportedFiles(memorySource(with2), weightsOf(trained), 'float32'));
    expect(text(copied, 'generation_config.json')).toBe('{"eos_token_id":[2,3]}');
    expect(text(copied, 'chat_template.jinja')).toBe('{{ x }}');
  });

  test('is not made of weights that are not finite, nor without the files of its base', async () => {
    const broken = new Map(trained);
    broken.set('model.norm.weight', {
      ...trained.get('model.norm.weight')!,
      data: new Float32Array(64).fill(NaN),
    });
    const files = await exportedFiles(memorySource(base), weightsOf(broken), 'float32');
    await expect(contents(files)).rejects.toThrow(ModelFileError);
    const others = Object.entries(base).filter(([name]) => name !== 'tokenizer.json');
    await expect(
      exportedFiles(memorySource(Object.fromEntries(others)), weightsOf(trained), 'float32'),
    ).rejects.toThrow(/^tokenizer\.json: /);
  });
});
