import { expect, test } from 'vitest';
import { RULES, findSignals } from '../../lab/signals';
import { recorded } from '../../lab/signals/testing';
import { describeMarkers, markersOf } from './markers';
import { HEALTH_CHARTS, MAIN_CHARTS } from './specs';

const CHARTS = [...MAIN_CHARTS, ...HEALTH_CHARTS];

test.each(RULES)('a signal of $id has a chart to stand in', ({ charts }) => {
  expect(CHARTS.some(({ series }) => series.some((s) => charts.includes(s.metric)))).toBe(true);
});

test('markers carry the number of their signal, and can be read', () => {
  const signals = findSignals(recorded('kl-coefficient-1'));
  const marked = (title: string) =>
    markersOf(
      signals,
      CHARTS.find((c) => c.title === title)!,
    );
  expect(marked('Gradient norm')).toEqual([
    { number: 4, step: 9, severity: 'alarm', title: 'Exploding gradient' },
  ]);
  expect(describeMarkers(marked('Gradient norm'))).toBe('Signal 4, Exploding gradient, from step 9.');
  expect(marked('Sampling rate')).toEqual([]);
});
