import { expect, it } from 'vitest';
import { parseExperiment } from './schema';
import { placeStep, totalSteps } from './schedule';

const experiment = parseExperiment({
  sft: { steps: 7 },
  schedule: { max_steps: 5, eval_steps: 2, save_steps: 3 },
});

it('puts the SFT steps before the RL steps, which count from 1', () => {
  expect(totalSteps(experiment)).toBe(12);
  const places = Array.from({ length: 12 }, (_, i) => placeStep(experiment, i + 1));
  expect(places.map((p) => `${p.phase} ${p.step}`)).toEqual([
    ...[1, 2, 3, 4, 5, 6, 7].map((n) => `sft ${n}`),
    ...[1, 2, 3, 4, 5].map((n) => `rl ${n}`),
  ]);
  const stepsWhere = (key: 'evaluates' | 'saves') =>
    places.flatMap((place, i) => (place[key] ? [i + 1] : []));
  expect(stepsWhere('evaluates')).toEqual([7, 9, 11, 12]);
  expect(stepsWhere('saves')).toEqual([3, 6, 7, 10, 12]);
});

it('is RL alone without a cold start, as in the experiments stored before there was one', () => {
  const old: Record<string, unknown> = { ...parseExperiment({}) };
  delete old.sft;
  const { sft, schedule } = parseExperiment(old);
  expect(sft).toMatchObject({ steps: 0, source: 'reflective', examples: 1024, batch_size: 32 });
  expect(totalSteps({ sft, schedule })).toBe(60);
  expect(placeStep({ sft, schedule }, 1)).toMatchObject({ phase: 'rl', step: 1 });
});
