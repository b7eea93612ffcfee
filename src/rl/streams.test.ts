import { expect, it } from 'vitest';
import { parseExperiment } from '../lab/schema';
import { STREAMS } from './streams';

it('gives every use of a seed its own random numbers, however long the run', () => {
  const longest = 1_000_000;
  /** A single demonstration is shown so many times a step. */
  const LARGEST_BATCH = 1024;
  const sft = { steps: longest, batch_size: LARGEST_BATCH };
  expect(parseExperiment({ sft }).sft).toMatchObject(sft);
  expect(() => parseExperiment({ sft: { ...sft, steps: longest + 1 } })).toThrow();
  expect(() => parseExperiment({ sft: { ...sft, batch_size: LARGEST_BATCH + 1 } })).toThrow();
  expect(parseExperiment({ schedule: { max_steps: longest } }).schedule.max_steps).toBe(longest);
  expect(() => parseExperiment({ schedule: { max_steps: longest + 1 } })).toThrow();

  const ranges = Object.entries(STREAMS).map(([name, first]) => {
    const ofSteps = name === 'rollouts' || name === 'minibatches';
    const ofEpochs = name === 'epochs';
    const uses = ofEpochs ? longest * LARGEST_BATCH : ofSteps ? longest : 0;
    return { name, first, last: first + uses };
  });
  ranges.sort((a, b) => a.first - b.first);
  ranges.forEach(({ name, last }, i) => {
    const limit = ranges[i + 1]?.first ?? 2 ** 32;
    expect(last, `${name} ends before the next use begins, within one 32-bit word`).toBeLessThan(limit);
  });
});
