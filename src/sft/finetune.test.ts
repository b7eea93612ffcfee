import { expect, it } from 'vitest';
import { Random } from '../random';
import { batchOfStep } from './finetune';

it('goes through all demonstrations before it shows one again, each epoch in another order', () => {
  const random = new Random(11);
  for (let round = 0; round < 50; round++) {
    const [count, batchSize, seed] = [random.range(1, 40), random.range(1, 40), random.int(1000)];
    const where = `seed ${seed}, ${count} demonstrations, ${batchSize} a step`;
    const examples = Array.from({ length: count }, (_, i) => i);
    const steps = Math.ceil((3 * count) / batchSize);
    const shown = Array.from({ length: steps }, (_, i) => batchOfStep(examples, i + 1, { seed, batchSize }));
    expect(
      shown.every((batch) => batch.length === batchSize),
      where,
    ).toBe(true);
    const epochs = [0, 1, 2].map((epoch) => shown.flat().slice(epoch * count, (epoch + 1) * count));
    for (const epoch of epochs)
      expect(
        epoch.toSorted((a, b) => a - b),
        where,
      ).toEqual(examples);
    if (count > 12) expect(epochs[1], where).not.toEqual(epochs[0]);
  }
});

it('gives a step the same batch whatever came before it', () => {
  const examples = Array.from({ length: 20 }, (_, i) => i);
  const settings = { seed: 1, batchSize: 7 };
  expect(batchOfStep(examples, 5, settings)).toEqual(batchOfStep(examples, 5, settings));
  expect(batchOfStep(examples, 5, { ...settings, seed: 2 })).not.toEqual(batchOfStep(examples, 5, settings));
});
