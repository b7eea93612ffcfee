/** The rules on runs that were recorded: healthy ones, and ones made to go wrong. */
import { describe, expect, it } from 'vitest';
import type { StepMetrics } from '../metrics';
import { parseExperiment } from '../schema';
import { RULES, evaluationSizes, findSignals } from '.';
import { compared, comparedRuns, healthy, recorded } from './testing';

const found = (metrics: readonly StepMetrics[]) => findSignals(metrics).map((s) => s.id);
const one = (metrics: readonly StepMetrics[], id: string) => {
  const signals = findSignals(metrics).filter((s) => s.id === id);
  expect(signals, id).toHaveLength(1);
  return signals[0];
};

describe('healthy runs', () => {
  it.each([0, 1, 2])('seed %i raises nothing, at no step on its way', (seed) => {
    const metrics = healthy(seed);
    for (let steps = 0; steps <= metrics.length; steps++)
      expect(found(metrics.slice(0, steps)), `after ${steps} steps`).toEqual([]);
  });

  it('a short one with little data and the KL measured raises nothing either', () => {
    expect(found(recorded('kl-measured'))).toEqual([]);
  });
});

describe('the runs of the comparisons', () => {
  const offPolicy = (name: string) => name.startsWith('off-policy');

  it.each(comparedRuns().filter(offPolicy))(
    '%s: eight updates a batch let responses run into the limit',
    (name) => {
      expect(found(compared(name))).toEqual(['completion-ratio']);
    },
  );

  it.each([
    ['no-tool-seed-1', 'accuracy 89.7%'],
    ['not-run-seed-0', 'accuracy 5.0%'],
    ['not-run-seed-1', 'accuracy 3.8%'],
  ])('%s: where nearly all are right, or nearly none, most groups teach nothing', (name, accuracy) => {
    expect(one(compared(name), 'zero-variance').sentence).toContain(accuracy);
  });

  // Rewarded or not, length came with right answers here. Some of them did see what is named.
  it.each(comparedRuns())('%s is neither hacked nor drifting nor exploding', (name) => {
    const seen = ['completion-ratio', 'plateau', 'entropy-collapse', 'zero-variance'];
    expect(found(compared(name)).filter((id) => !seen.includes(id))).toEqual([]);
  });
});

describe('runs made to go wrong', () => {
  it.each<[name: string, ids: string[]]>([
    ['temperature-0.05', ['zero-variance']],
    ['response-limit-16', ['completion-ratio', 'zero-variance']],
    ['learning-rate-1e-7', ['plateau']],
    ['learning-rate-2e-3', ['completion-ratio']],
    ['learning-rate-3e-2', ['zero-variance', 'completion-ratio']],
    ['temperature-0.6', ['entropy-collapse', 'completion-ratio']],
    ['short-answers-paid', ['reward-hacking']],
    ['kl-coefficient-1', ['length-drift', 'zero-variance', 'exploding-kl', 'exploding-gradient']],
  ])('%s raises %j and nothing else', (name, ids) => {
    expect(found(recorded(name)).toSorted()).toEqual(ids.toSorted());
  });

  it('says what a hacked reward gained, and what it cost', () => {
    const { step, evidence, sentence } = one(recorded('short-answers-paid'), 'reward-hacking');
    expect(step).toBe(0);
    expect(evidence.map((e) => e.metric)).toEqual(['reward', 'eval/sampled/accuracy', 'accuracy']);
    expect(sentence).toMatch(
      /^Reward rose from -0\.84\d to -0\.47\d .* while held-out accuracy went from 16\.5% to 7\.5%;/,
    );
  });

  it('says where a gradient explodes, and against what', () => {
    const { step, endStep, evidence, sentence } = one(recorded('kl-coefficient-1'), 'exploding-gradient');
    expect([step, endStep]).toEqual([9, 18]);
    expect(evidence[0].to.step).toBe(16);
    expect(evidence[0].to.value).toBeGreaterThan(40);
    expect(sentence).toMatch(
      /reached 42\.6 at step 16, 87 times its median .* worst of 4 such steps from step 9/,
    );
  });

  it('has the values it speaks of among its evidence', () => {
    const { step, endStep, evidence, sentence } = one(recorded('temperature-0.6'), 'entropy-collapse');
    expect(step).toBeLessThan(15);
    expect(endStep).toBeGreaterThan(step);
    expect(evidence[0]).toMatchObject({ metric: 'entropy', from: { step: 1 } });
    expect(sentence).toMatch(
      /^Entropy fell to 2\d% of its start within \d+ steps: from 0\.18 to 0\.0\d+ nats/,
    );
  });

  it('does not take responses that are short by need for a fall', () => {
    expect(one(recorded('response-limit-16'), 'completion-ratio').sentence).toMatch(
      /^Only 6\d\.\d% of the resp/,
    );
    expect(one(recorded('learning-rate-2e-3'), 'completion-ratio').sentence).toMatch(
      /fell from 92\.5% to 56/,
    );
  });
});

describe('numbers that are none', () => {
  it.each([NaN, Infinity])('a gradient of %s is an alarm at once', (grad_norm) => {
    const metrics = healthy(0).slice(0, 20);
    metrics[7] = { ...metrics[7], grad_norm };
    const { step, sentence } = one(metrics, 'exploding-gradient');
    expect(step).toBe(7);
    expect(sentence).toContain('not finite at step 7');
  });

  it('a KL that is not finite is an alarm', () => {
    const metrics = recorded('kl-measured').map((m) => (m.step < 12 ? m : { ...m, kl: NaN }));
    expect(one(metrics, 'exploding-kl')).toMatchObject({ step: 12 });
  });
});

describe('what every rule says', () => {
  const settings = (value: unknown, path: string): string[] =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, v]) => settings(v, path ? `${path}.${key}` : key))
      : [path];
  const known = settings(parseExperiment({ name: 'defaults' }), '');

  it.each(RULES)('$id: the study, and what to try with settings that exist', ({ study, advice }) => {
    expect(study).not.toBe('');
    expect(advice.length).toBeGreaterThan(1);
    for (const setting of advice.flatMap((a) => a.settings)) expect(known).toContain(setting);
  });
});

it('an evaluation’s responses are known from the experiment', () => {
  const evaluation = { problems: 100, num_samples: 4 };
  expect(evaluationSizes(parseExperiment({ name: 'x', evaluation }))).toEqual({ greedy: 100, sampled: 400 });
  expect(evaluationSizes('nonsense')).toEqual({});
});
