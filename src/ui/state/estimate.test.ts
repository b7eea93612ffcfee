import { expect, it } from 'vitest';
import type { StepMetrics } from '../../lab/metrics';
import { estimate } from './estimate';

const rlAlone = (total: number, evalSteps: number) => ({ total, evalSteps, sftSteps: 0 });

it('knows nothing before the first timed step', () => {
  expect(estimate([], rlAlone(60, 10))).toBeNull();
  expect(estimate([{ step: 0, 'time/eval': 4 }], rlAlone(60, 10))).toBeNull();
});

it('adds the remaining evaluations to the remaining steps', () => {
  const metrics: StepMetrics[] = [
    { step: 0, 'time/eval': 4 },
    { step: 1, 'time/rollout': 1, 'time/update': 1 },
    { step: 2, 'time/rollout': 2, 'time/update': 2 },
  ];
  // 18 steps at 3 s; evaluations after steps 10 and 20
  expect(estimate(metrics, rlAlone(20, 10))).toEqual({ secondsPerStep: 3, secondsLeft: 18 * 3 + 2 * 4 });
});

it('counts the evaluation after a last step off the rhythm', () => {
  const metrics = [{ step: 10, 'time/rollout': 1, 'time/update': 0, 'time/eval': 5 }];
  expect(estimate(metrics, rlAlone(15, 10))).toEqual({ secondsPerStep: 1, secondsLeft: 5 + 5 });
  expect(estimate([{ ...metrics[0], step: 15 }], rlAlone(15, 10))?.secondsLeft).toBe(0);
});

it('follows the recent steps', () => {
  const metrics = Array.from({ length: 40 }, (_, i) => ({
    step: i + 1,
    'time/rollout': i < 30 ? 100 : 1,
    'time/update': 0,
  }));
  expect(estimate(metrics, rlAlone(50, 10))?.secondsPerStep).toBe(1);
});

it('tells the pace of SFT steps but not the end, which RL steps decide', () => {
  const sft = (step: number) => ({ step, 'time/update': 0.5 });
  const planned = { total: 24, sftSteps: 4, evalSteps: 10 };
  const warm = [{ step: 0, 'time/eval': 4 }, ...[1, 2, 3, 4].map(sft)];
  expect(estimate(warm, planned)).toEqual({ secondsPerStep: 0.5 });
  const begun = [...warm, { step: 5, 'time/rollout': 2, 'time/update': 1 }];
  // 19 steps at 3 s; evaluations after the RL steps 10 and 20
  expect(estimate(begun, planned)).toEqual({ secondsPerStep: 3, secondsLeft: 19 * 3 + 2 * 4 });
});
