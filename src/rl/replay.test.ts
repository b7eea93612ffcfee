import { expect, it } from 'vitest';
import { Random } from '../random';
import { ReplayBuffer, type Sample } from './replay';

const sample = (step: number, name: number): Sample => ({
  promptIds: [1, name],
  tokens: Uint32Array.of(name, step, 2),
  logps: Float32Array.of(-0.1, -0.25 * name, -3),
  advantage: Math.fround(0.1 * name),
  learnable: name % 2 === 0,
  step,
  ...(name % 3 === 0 && { toolMask: Uint8Array.of(1, 0, 1) }),
});
const group = (step: number, name: number) => [sample(step, name), sample(step, name + 1)];

it('keeps groups for the stated number of steps', () => {
  const buffer = new ReplayBuffer(2);
  const ages = (step: number) => buffer.draw(99, new Random(1)).map(([s]) => step - s.step);
  for (let step = 1; step <= 5; step++) {
    expect(ages(step), `at step ${step}`).toEqual([2, 1].filter((age) => age < step));
    buffer.add([group(step, step)], step);
  }
});

it('draws different groups, evenly', () => {
  const buffer = new ReplayBuffer(1);
  buffer.add(
    [10, 20, 30, 40].map((name) => group(1, name)),
    1,
  );
  const random = new Random(3);
  const counts = new Map<number, number>();
  for (let i = 0; i < 4000; i++) {
    const names = buffer.draw(2, random).map(([s]) => s.promptIds[1]);
    expect(new Set(names).size).toBe(2);
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  for (const count of counts.values()) expect(Math.abs(count - 2000)).toBeLessThan(150);
});

it('is the same after a checkpoint', () => {
  const buffer = new ReplayBuffer(3);
  buffer.add([group(1, 4), group(1, 7)], 1);
  buffer.add([group(2, 9)], 2);
  const again = new ReplayBuffer(3);
  again.restore(buffer.save());
  expect(again.draw(9, new Random(0))).toEqual(buffer.draw(9, new Random(0)));
  const empty = new ReplayBuffer(3);
  empty.restore(new ReplayBuffer(3).save());
  empty.restore({});
  expect(empty.size).toBe(0);
});
