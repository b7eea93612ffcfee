import { expect, it } from 'vitest';
import type { StepMetrics } from '../../lab/metrics';
import { armRows, describeArms } from './armRows';
import type { SideMetrics } from './sides';

const curve = (length: number, value: (step: number) => number): StepMetrics[] =>
  Array.from({ length }, (_, step) => ({ step, entropy: value(step) }));
const side = (arm: string, runs: StepMetrics[][], unfinished: StepMetrics[][] = []): SideMetrics => ({
  arm,
  runs,
  unfinished: unfinished.map((metrics, i) => ({ id: `${arm}${i}`, metrics })),
});

it('holds mean and range of finished runs, and each unfinished run by itself', () => {
  const sides = [side('a', [curve(3, (s) => s), curve(3, (s) => 2 + s)]), side('b', [], [curve(2, () => 7)])];
  expect(armRows(sides, 'entropy')).toEqual([
    { step: 0, 'mean 0': 1, 'low 0': 0, 'high 0': 2, 'run b0': 7 },
    { step: 1, 'mean 0': 2, 'low 0': 1, 'high 0': 3, 'run b0': 7 },
    { step: 2, 'mean 0': 3, 'low 0': 2, 'high 0': 4 },
  ]);
  expect(describeArms(sides, 'entropy')).toBe(
    'a, mean of 2 runs: from 1 nats at step 0 to 3 nats at step 2. b: from 7 nats at step 0 to 7 nats at step 1.',
  );
});

it.each([0, 100])('draws at most 250 rows, whatever the number of arms and of runs under way (%i)', (n) => {
  const wave = (i: number) => curve(2000, (s) => Math.sin(s * (i + 1)));
  const underWay = Array.from({ length: n }, (_, i) => wave(i));
  const sides = ['a', 'b', 'c'].map((arm, i) => side(arm, [wave(i)], underWay));
  const rows = armRows(sides, 'entropy');
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.length).toBeLessThanOrEqual(250);
  expect([rows[0].step, rows.at(-1)?.step]).toEqual([0, 1999]);
});

it('shows nothing where nothing is known', () => {
  expect(armRows([side('a', [])], 'entropy')).toEqual([]);
  expect(describeArms([side('a', [])], 'entropy')).toBe('a: no values yet.');
});
