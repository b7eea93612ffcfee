import { expect, it } from 'vitest';
import type { StepMetrics } from '../metrics';
import { findSignals } from '.';
import { healthy, recorded } from './testing';

const SFT_STEPS = 10;

/** A recorded run as if it had begun after SFT, whose loss had come to rest: its gradient is small. */
function afterSft([start, ...rl]: StepMetrics[]): StepMetrics[] {
  const sft = Array.from({ length: SFT_STEPS }, (_, i): StepMetrics => ({
    step: i + 1,
    'sft/loss': 1e-3,
    grad_norm: 1e-5,
  }));
  Object.assign(sft[SFT_STEPS - 1], { ...start, step: SFT_STEPS });
  return [{ step: 0 }, ...sft, ...rl.map((m) => ({ ...m, step: m.step + SFT_STEPS }))];
}

it.each([
  ...['kl-coefficient-1', 'learning-rate-3e-2', 'response-limit-16', 'temperature-0.05'].map(
    (name): [string, StepMetrics[]] => [name, recorded(name)],
  ),
  ['healthy', healthy(0)],
])('a cold start changes nothing in what is noticed: %s', (_, metrics) => {
  expect(findSignals(afterSft(metrics)).map(({ id, step }) => [id, step])).toEqual(
    findSignals(metrics).map(({ id, step }) => [id, step + SFT_STEPS]),
  );
});

it('nothing is noticed in SFT itself', () => {
  expect(findSignals(afterSft(healthy(0)).slice(0, SFT_STEPS))).toEqual([]);
});
