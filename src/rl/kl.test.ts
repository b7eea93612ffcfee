import { expect, it } from 'vitest';
import { Random } from '../random';
import { adaptBeta, betaOfStep, klEstimate, type KlEstimator, type KlScheduleSettings } from './kl';

const ESTIMATORS: KlEstimator[] = ['k1', 'k2', 'k3'];

it.each(ESTIMATORS)('%s: its derivative is its slope', (estimator) => {
  const random = new Random(7);
  for (let i = 0; i < 200; i++) {
    const [logp, ref] = [-5 * random.next(), -5 * random.next()];
    const h = 1e-6;
    const slope =
      (klEstimate(estimator, logp + h, ref).value - klEstimate(estimator, logp - h, ref).value) / (2 * h);
    expect(klEstimate(estimator, logp, ref).gradient).toBeCloseTo(slope, 5);
  }
});

it('k1 and k3 average to the exact KL of two distributions, k2 nearly so when they are near; k3 is never negative', () => {
  const p = [0.5, 0.3, 0.15, 0.05];
  const q = [0.4, 0.35, 0.15, 0.1];
  const exact = p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]), 0);
  const average = (e: KlEstimator) =>
    p.reduce((sum, x, i) => sum + x * klEstimate(e, Math.log(x), Math.log(q[i])).value, 0);
  expect(average('k1')).toBeCloseTo(exact, 12);
  expect(average('k3')).toBeCloseTo(exact, 12);
  expect(Math.abs(average('k2') / exact - 1)).toBeLessThan(0.15);
  p.forEach((x, i) => expect(klEstimate('k3', Math.log(x), Math.log(q[i])).value).toBeGreaterThanOrEqual(0));
});

it('stays finite for log-probs that have nothing in common', () => {
  for (const estimator of ESTIMATORS)
    expect(Object.values(klEstimate(estimator, -1000, 0)).every(Number.isFinite)).toBe(true);
});

const settings: KlScheduleSettings = { schedule: 'none', beta: 0.1, betaEnd: 0, horizon: 10, target: 0.1 };
const course = (schedule: KlScheduleSettings['schedule'], steps: number[]) =>
  steps.map((step) => betaOfStep({ ...settings, schedule }, step));

it('schedules: none, fixed, linear and cosine to the end and no further, and as released from 2β to β', () => {
  const steps = [1, 6, 11, 100];
  const expected = {
    none: [0, 0, 0, 0],
    fixed: [0.1, 0.1, 0.1, 0.1],
    linear: [0.1, 0.05, 0, 0],
    cosine: [0.1, 0.05, 0, 0],
    as_released: [0.2, 0.15, 0.1, 0.1],
  } as const;
  for (const [schedule, betas] of Object.entries(expected))
    course(schedule as keyof typeof expected, steps).forEach((beta, i) =>
      expect(beta).toBeCloseTo(betas[i], 12),
    );
  expect(course('cosine', [4])[0]).toBeCloseTo(0.05 * (1 + Math.cos(0.3 * Math.PI)), 12);
});

it('adaptive: up when the KL is above its target, down when below, at most 20 % a horizon of samples', () => {
  expect(adaptBeta(0.1, 1, 100, { target: 0.1, horizon: 100 })).toBeCloseTo(0.12, 12);
  expect(adaptBeta(0.1, 0, 50, { target: 0.1, horizon: 100 })).toBeCloseTo(0.09, 12);
  expect(adaptBeta(0.1, 0.11, 100, { target: 0.1, horizon: 100 })).toBeCloseTo(0.11, 12);
  expect(betaOfStep({ ...settings, schedule: 'adaptive' }, 9, 0.07)).toBe(0.07);
});
