import { describe, expect, it } from 'vitest';
import { relativeError } from '../gpu/reference';
import {
  ADAPTER_CONFIG,
  ADAPTER_WEIGHTS,
  adapterFiles,
  adapterTensors,
  flattenAdapter,
  mergeInto,
  parseAdapterConfig,
} from './adapter-files';
import { parseModelConfig } from './config';
import { ModelFileError, UnsupportedModelError } from './errors';
import { GOLDEN_LORA } from './golden-files';
import { TARGET_MODULES } from './layout';
import { readSafetensors } from './safetensors';

describe.each(Object.values(GOLDEN_LORA))(
  'the adapter that PEFT saved for $name',
  ({ config: json, adapterConfig, adapter, arrays, weights }) => {
    const config = parseModelConfig(json);
    const lora = parseAdapterConfig(adapterConfig);
    const tensors = readSafetensors(adapter(), ADAPTER_WEIGHTS);
    const flat = flattenAdapter(config, lora, tensors);

    it('comes back as it was, tensor for tensor', () => {
      const files = new Map(adapterFiles(config, lora, flat, 'base').map(({ name, bytes }) => [name, bytes]));
      const written = readSafetensors(files.get(ADAPTER_WEIGHTS)!, ADAPTER_WEIGHTS);
      expect(new Map([...written].sort())).toEqual(new Map([...tensors].sort()));
      const text = new TextDecoder().decode(files.get(ADAPTER_CONFIG));
      expect(parseAdapterConfig(JSON.parse(text))).toEqual(lora);
    });

    it('merges into the weights that merge_and_unload gives', () => {
      const named = adapterTensors(config, lora, flat);
      const expected = [...arrays()].filter(([name]) => name.startsWith('merged.'));
      expect(expected).toHaveLength(TARGET_MODULES.length);
      for (const [name, { data }] of expected) {
        const weight = weights().get(name.replace('merged.', ''))!;
        const merge = (from: number, to?: number) =>
          mergeInto(weight, { offset: from, values: weight.data.subarray(from, to) }, named, lora);
        expect(relativeError(merge(0), data), name).toBeLessThan(1e-6);
        const middle = Math.floor(data.length / 2) + 3;
        expect(Float32Array.of(...merge(0, middle), ...merge(middle)), name).toEqual(merge(0));
      }
    });

    it('is refused with a tensor missing, unknown, of another shape, or not finite', () => {
      const [[name, first]] = tensors;
      const without = new Map([...tensors].slice(1));
      const flatten = (changed: typeof tensors) => () => flattenAdapter(config, lora, changed);
      expect(flatten(without)).toThrow(`${name} is missing`);
      expect(flatten(new Map([...tensors, ['lora_C', first]]))).toThrow(/lora_C is not part of the adapter/);
      const transposed = { ...first, shape: first.shape.toReversed() };
      expect(flatten(new Map([...tensors, [name, transposed]]))).toThrow(ModelFileError);
      const broken = { ...first, data: first.data.map(() => NaN) };
      expect(flatten(new Map([...tensors, [name, broken]]))).toThrow(/not finite/);
    });
  },
);

describe('an adapter_config.json', () => {
  const sound = { peft_type: 'LORA', r: 8, lora_alpha: 16, target_modules: ['v_proj', 'q_proj'] };

  it('names its modules one by one, or all at once', () => {
    expect(parseAdapterConfig(sound)).toEqual({ r: 8, alpha: 16, targetModules: ['q_proj', 'v_proj'] });
    const all = parseAdapterConfig({ ...sound, target_modules: 'all-linear' });
    expect(all.targetModules).toEqual(TARGET_MODULES);
  });

  it.each([
    [{ peft_type: 'IA3' }, /an adapter of type "IA3"/],
    [{ use_rslora: true }, /the LoRA setting use_rslora/],
    [{ use_dora: true }, /the LoRA setting use_dora/],
    [{ modules_to_save: ['lm_head'] }, /the LoRA setting modules_to_save/],
    [{ rank_pattern: { q_proj: 4 } }, /the LoRA setting rank_pattern/],
    [{ bias: 'all' }, /trains biases/],
    [{ target_modules: ['lm_head'] }, /an adapter on "lm_head"/],
  ])('with %j is not supported', (change, message) => {
    const parse = () => parseAdapterConfig({ ...sound, ...change });
    expect(parse).toThrow(UnsupportedModelError);
    expect(parse).toThrow(message);
  });

  it.each([null, [], { ...sound, r: 0 }, { ...sound, lora_alpha: 'x' }, { ...sound, target_modules: [] }])(
    '%j is refused',
    (json) => expect(() => parseAdapterConfig(json)).toThrow(ModelFileError),
  );
});
