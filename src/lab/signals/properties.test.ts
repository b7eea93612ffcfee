/** What holds of all rules, whatever they are given. Seeds are in the failures' messages. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import type { StepMetrics } from '../metrics';
import { RULES, findSignals } from '.';
import { sampleSizes, shareError } from './series';
import { healthy } from './testing';

const SEEDS = Array.from({ length: 100 }, (_, seed) => seed);
const SHARES = ['accuracy', 'reward', 'completion_ratio', 'frac_reward_zero_std'];

/** What a run at rest shows, and how much of it is noise. */
const AT_REST: Record<string, number> = {
  reward: 0.4,
  reward_std: 0.4,
  frac_reward_zero_std: 0.1,
  accuracy: 0.4,
  'completions/mean_length': 60,
  completion_ratio: 0.95,
  entropy: 0.1,
  grad_norm: 0.1,
  kl: 0.01,
  'actor/ppo_kl': 0.001,
  'sampling/sampling_logp_difference/mean': 1e-6,
  'sampling/sampling_logp_difference/max': 1e-5,
  'eval/greedy/accuracy': 0.5,
  'eval/sampled/accuracy': 0.4,
};
const NOISE = 0.1;

/** A recorded run as it would look with `responses` a step and as many in an evaluation. */
function resampled(metrics: StepMetrics[], random: Random, responses: number): StepMetrics[] {
  const draw = (p: number) =>
    Array.from({ length: responses }, () => random.next() < p).filter(Boolean).length / responses;
  return metrics.map((m) => ({
    ...m,
    ...Object.fromEntries(
      Object.entries(m)
        .filter(([name]) => SHARES.includes(name) || /^eval.*accuracy$/.test(name))
        .map(([name, p]) => [name, draw(p)]),
    ),
  }));
}

describe('no rule fires', () => {
  it('on metrics at rest with a tenth of noise, whatever the length of the run', () => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const metrics = Array.from({ length: random.range(1, 200) }, (_, step): StepMetrics => ({
        step,
        ...Object.fromEntries(
          Object.entries(AT_REST).map(([name, x]) => [name, x * (1 + NOISE * random.normal())]),
        ),
      }));
      // A plateau is what this is; all other rules have to be silent.
      const found = findSignals(metrics).filter((s) => s.id !== 'plateau');
      expect(
        found.map((s) => s.sentence),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it('on constant metrics, but for the plateau that they are', () => {
    const metrics = Array.from({ length: 100 }, (_, step): StepMetrics => ({ step, ...AT_REST }));
    expect(findSignals(metrics).map((s) => s.id)).toEqual(['plateau']);
    expect(findSignals(metrics.slice(0, 30))).toEqual([]);
  });

  it('on a healthy run with a fourth of its responses', () => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const metrics = resampled(healthy(seed % 3), random, 32).map(({ num_tokens: _, ...m }) => m);
      for (const steps of [11, 21, 31, 41, 51, 61]) {
        const found = findSignals(metrics.slice(0, steps), { greedy: 32, sampled: 32 });
        const bad = found.filter((s) => s.severity !== 'info');
        expect(
          bad.map((s) => s.sentence),
          `seed ${seed}, step ${steps - 1}`,
        ).toEqual([]);
      }
    }
  });
});

describe('no rule throws', () => {
  const odd = [NaN, Infinity, -Infinity, 0, -1, 1e308, 1e-308, undefined, null] as unknown[];
  it('on metrics that are missing, not finite, negative or huge', () => {
    for (const seed of SEEDS) {
      const random = new Random(seed);
      const value = (x: number) => (random.next() < 0.3 ? random.choice(odd) : x * (1 + random.normal()));
      let step = 0;
      const metrics = Array.from({ length: random.range(0, 60) }, () => {
        step += random.range(1, 4);
        const kept = Object.entries(AT_REST).filter(() => random.next() < 0.7);
        return { step, ...Object.fromEntries(kept.map(([name, x]) => [name, value(x)])) };
      });
      for (const { sentence, step: begin, endStep } of findSignals(metrics)) {
        expect(sentence, `seed ${seed}`).not.toMatch(/NaN|undefined|null/);
        expect(begin, `seed ${seed}`).toBeLessThanOrEqual(endStep ?? step);
      }
    }
  });

  it.each<[what: string, metrics: StepMetrics[]]>([
    ['nothing', []],
    ['one line', [{ step: 0, 'eval/greedy/accuracy': 0.1 }]],
    ['steps without values', Array.from({ length: 50 }, (_, step) => ({ step }))],
  ])('on %s', (_what, metrics) => expect(findSignals(metrics)).toEqual([]));
});

it('a thousand steps take a few milliseconds', () => {
  const random = new Random(0);
  const metrics = Array.from({ length: 1000 }, (_, step): StepMetrics => ({
    step,
    ...Object.fromEntries(
      Object.entries(AT_REST).map(([name, x]) => [name, x * (1 + NOISE * random.normal())]),
    ),
  }));
  const times = Array.from({ length: 10 }, () => {
    const begin = performance.now();
    findSignals(metrics);
    return performance.now() - begin;
  });
  // 3 ms on an idle machine.
  expect(Math.min(...times)).toBeLessThan(50);
});

it('every rule has its own id', () => {
  expect(new Set(RULES.map((r) => r.id)).size).toBe(RULES.length);
});

describe('what the noise is taken from', () => {
  it('the responses of a step are counted from its tokens', () => {
    expect(sampleSizes(healthy(0)).step).toBe(128);
    expect(sampleSizes([{ step: 0 }])).toEqual({ step: 32, greedy: 64, sampled: 64 });
    expect(sampleSizes([], { greedy: 488 }).greedy).toBe(488);
  });

  it('the error of a share is the binomial one, and never zero', () => {
    const n = 400;
    for (const seed of SEEDS.slice(0, 5)) {
      const random = new Random(seed);
      const p = 0.1 + 0.8 * random.next();
      const shares = Array.from(
        { length: 500 },
        () => Array.from({ length: n }, () => random.next() < p).filter(Boolean).length / n,
      );
      const spread = Math.sqrt(shares.reduce((sum, x) => sum + (x - p) ** 2, 0) / shares.length);
      expect(shareError(p, n) / spread, `seed ${seed}`).toBeCloseTo(1, 0.5);
    }
    expect(shareError(0, n)).toBeGreaterThan(0);
    expect(shareError(1, n)).toBeGreaterThan(0);
  });
});
