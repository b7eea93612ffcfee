import { describe, expect, it } from 'vitest';
import { METRICS, type StepMetrics } from '../../lab/metrics';
import { chartRows, describeSeries, lastValue, metricInfo } from './rows';
import { HEALTH_CHARTS, MAIN_CHARTS } from './specs';

const long: StepMetrics[] = Array.from({ length: 3000 }, (_, step) => ({
  step,
  reward: Math.sin(step / 50),
  ...(step % 10 === 0 && { 'eval/greedy/accuracy': step / 3000 }),
}));

describe('chart rows', () => {
  it('are at most 500, whatever the series', () => {
    const rows = chartRows(long, ['reward', 'eval/greedy/accuracy']);
    expect(rows.length).toBeGreaterThan(250);
    expect(rows.length).toBeLessThanOrEqual(500);
    expect([rows[0].step, rows.at(-1)?.step]).toEqual([0, 2999]);
  });

  it('leave out lines without any of the values', () => {
    expect(chartRows([{ step: 0 }, { step: 1, reward: 1 }], ['reward'])).toEqual([{ step: 1, reward: 1 }]);
  });
});

describe('every series of every chart', () => {
  it.each([...MAIN_CHARTS, ...HEALTH_CHARTS].flatMap((c) => c.series.map((s) => s.metric)))(
    '%s is a metric the runner writes',
    (name) => {
      expect(Object.values(METRICS)).toContain(metricInfo(name));
    },
  );
});

it('describes a series in words', () => {
  const metrics: StepMetrics[] = [{ step: 0, accuracy: 0.13 }, { step: 5 }, { step: 60, accuracy: 0.829 }];
  expect(describeSeries(metrics, 'accuracy', 'train')).toBe(
    'train: from 13.0% at step 0 to 82.9% at step 60.',
  );
  expect(describeSeries([], 'accuracy', 'train')).toBe('train: no values yet.');
  expect(lastValue(metrics, 'accuracy')).toBe(0.829);
});
