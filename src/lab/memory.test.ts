import { expect, it } from 'vitest';
import tinyConfig from '../../public/models/tiny-countdown/config.json';
import { parseModelConfig } from '../model/config';
import { QWEN_HALF_B } from '../model/testing';
import { memoryOf } from './memory';
import { parseExperiment, type Experiment } from './schema';

const limits = { maxBufferSize: 2 ** 28, maxStorageBufferBindingSize: 2 ** 27 };

it('the tiny model takes less than a tab of pictures', () => {
  const { parts, bytes } = memoryOf(parseExperiment({}), parseModelConfig(tinyConfig), limits);
  expect(Object.values(parts).reduce((a, b) => a + b)).toBe(bytes);
  expect(bytes).toBeLessThan(300e6);
});

it('each setting that is said to save can be set so, and then saves what was said', () => {
  const experiment = parseExperiment({ kl: { schedule: 'fixed', beta: 0.01 } });
  const { savings } = memoryOf(experiment, QWEN_HALF_B, limits);
  expect(savings.length).toBeGreaterThan(2);
  let document: Experiment = experiment;
  for (const { setting, to, bytes } of savings) {
    const [part, name] = setting.split('.') as ['training', string];
    const value: unknown = /^[a-z]+\d*$/.test(to) && to !== 'true' ? to : JSON.parse(to);
    document = parseExperiment({ ...document, [part]: { ...document[part], [name]: value } });
    expect(memoryOf(document, QWEN_HALF_B, limits).bytes, setting).toBe(bytes);
  }
});

it('a response limit beyond what the device binds is refused with the setting’s name', () => {
  const long = parseExperiment({ rollout: { max_completion_length: 1024 } });
  const small = { maxBufferSize: 2 ** 25, maxStorageBufferBindingSize: 2 ** 25 };
  expect(() => memoryOf(long, QWEN_HALF_B, small)).toThrow(/rollout\.max_completion_length/);
});
