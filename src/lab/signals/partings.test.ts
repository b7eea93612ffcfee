/** Rules that compare two curves, on plausible curves carried by the noise of a recorded run. */
import { describe, expect, it } from 'vitest';
import { Random } from '../../random';
import type { StepMetrics } from '../metrics';
import { findSignals } from '.';
import { healthy } from './testing';

/** Straight lines between [step, value] corners. */
const line =
  (...corners: [step: number, value: number][]) =>
  (step: number): number => {
    const next = Math.max(
      1,
      corners.findIndex(([s]) => s >= step),
    );
    const [[s0, v0], [s1, v1]] = [corners[next - 1], corners[next]];
    return v0 + ((v1 - v0) * (step - s0)) / (s1 - s0);
  };

/** How much the recorded steps are off the mean of their neighbours, in another order. */
function noiseOf(metric: string): number[] {
  const values = healthy(0)
    .map((m) => m[metric])
    .filter(Number.isFinite);
  // The variance of x − (y + z)/2 is 3/2 of that of x.
  const noise = values.slice(1, -1).map((x, i) => Math.sqrt(2 / 3) * (x - (values[i] + values[i + 2]) / 2));
  return new Random(0).shuffle(noise);
}

interface Curves {
  accuracy: (step: number) => number;
  heldOut: (step: number) => number;
  length: (step: number) => number;
  /** From accuracy and length; the outcome alone otherwise. */
  reward?: (accuracy: number, length: number) => number;
}

function synthesise(steps: number, { accuracy, heldOut, length, reward = (a) => a }: Curves): StepMetrics[] {
  const [accuracyNoise, lengthNoise] = [noiseOf('accuracy'), noiseOf('completions/mean_length')];
  let num_tokens = 0;
  return Array.from({ length: steps + 1 }, (_, step): StepMetrics => {
    const evaluation = step % 10 === 0 && { 'eval/sampled/accuracy': heldOut(step) };
    if (step === 0) return { step, ...evaluation };
    const a = accuracy(step) + accuracyNoise[step % accuracyNoise.length];
    const l = length(step) + lengthNoise[step % lengthNoise.length];
    num_tokens += 128 * l;
    return {
      step,
      num_tokens,
      reward: reward(a, l),
      reward_std: 0.4,
      accuracy: a,
      'completions/mean_length': l,
      ...evaluation,
    };
  });
}

const found = (metrics: StepMetrics[]) => findSignals(metrics, { sampled: 1952 });
const ids = (metrics: StepMetrics[]) => found(metrics).map((s) => s.id);

describe('reward hacking and length drift (synthetic curves with recorded noise)', () => {
  const peak = line([0, 0.15], [50, 0.62], [80, 0.13], [100, 0.11]);
  const hacked = synthesise(100, {
    accuracy: peak,
    heldOut: peak,
    length: line([0, 23], [50, 90], [80, 175], [100, 180]),
    reward: (accuracy, length) => accuracy + (3 * length) / 192,
  });

  it('a length reward that pays more than the answer is hacked from the peak of accuracy on', () => {
    const [signal] = found(hacked).filter((s) => s.id === 'reward-hacking');
    expect(signal).toMatchObject({ step: 50, severity: 'alarm' });
    expect(signal.evidence.map((e) => e.metric)).toEqual(['reward', 'eval/sampled/accuracy', 'accuracy']);
    expect(signal.sentence).toMatch(
      /^Reward rose from .* while held-out accuracy went from 62\.0% to 11\.0%/,
    );
    expect(signal.sentence).toContain('pays for something else');
    expect(ids(hacked)).toContain('length-drift');
  });

  it('is silent as long as the same run gains accuracy', () => {
    expect(ids(hacked.slice(0, 51))).toEqual([]);
  });

  it('a reward that is earned is none, whatever the length does', () => {
    const rise = line([0, 0.15], [100, 0.8]);
    const length = line([0, 23], [100, 180]);
    const reward = (a: number, l: number) => 2 * a - 1 + l / 192;
    expect(ids(synthesise(100, { accuracy: rise, heldOut: rise, length, reward }))).toEqual([]);
  });

  it('an accuracy that stays on the training problems is memorised', () => {
    const [signal] = found(
      synthesise(100, {
        accuracy: line([0, 0.15], [100, 0.9]),
        heldOut: line([0, 0.15], [20, 0.3], [100, 0.31]),
        length: () => 60,
      }),
    );
    expect(signal.id).toBe('reward-hacking');
    expect(signal.sentence).toContain('remembered');
  });

  it('greedy accuracy that has come to rest below a rising reward is none', () => {
    const metrics = synthesise(100, {
      accuracy: line([0, 0.15], [100, 0.8]),
      heldOut: line([0, 0.12], [30, 0.85], [100, 0.86]),
      length: line([0, 23], [100, 90]),
    }).map(({ 'eval/sampled/accuracy': greedy, ...m }): StepMetrics =>
      greedy === undefined ? m : { ...m, 'eval/greedy/accuracy': greedy },
    );
    expect(ids(metrics)).toEqual([]);
  });

  it('length that grows while accuracy rests is drift, and no hacking of a reward that rests as well', () => {
    const metrics = synthesise(100, {
      accuracy: () => 0.4,
      heldOut: () => 0.4,
      length: line([0, 40], [100, 160]),
    });
    expect(ids(metrics)).toContain('length-drift');
    expect(ids(metrics)).not.toContain('reward-hacking');
  });
});

describe('sampler/trainer mismatch (a recorded run with an error put into it)', () => {
  const metrics = healthy(1).map((m): StepMetrics => {
    const name = 'sampling/sampling_logp_difference/mean';
    return m.step < 30 ? m : { ...m, [name]: m[name] + 0.02 };
  });

  it('is an alarm from the first wrong steps on', () => {
    const [signal, ...others] = found(metrics);
    expect(others).toEqual([]);
    expect(signal).toMatchObject({ id: 'mismatch', severity: 'alarm' });
    expect(signal.step).toBeGreaterThanOrEqual(28);
    expect(signal.step).toBeLessThanOrEqual(30);
  });
});
