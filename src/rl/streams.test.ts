import { expect, it } from 'vitest';
import { parseExperiment } from '../lab/schema';
import { STREAMS } from './streams';

it('gives every use of a seed its own random numbers, however long the run', () => {
  const longest = 1_000_000;
  expect(parseExperiment({ schedule: { max_steps: longest } }).schedule.max_steps).toBe(longest);
  expect(() => parseExperiment({ schedule: { max_steps: longest + 1 } })).toThrow();

  const single = Object.entries(STREAMS).flatMap(([name, stream]) => (name === 'rollouts' ? [] : [stream]));
  expect(new Set(single).size).toBe(single.length);
  for (const stream of single) {
    const isOfAStep = stream >= STREAMS.rollouts && stream <= STREAMS.rollouts + longest;
    expect(isOfAStep, String(stream)).toBe(false);
  }
  expect(STREAMS.rollouts + longest, 'a stream is one 32-bit word').toBeLessThan(2 ** 32);
});
