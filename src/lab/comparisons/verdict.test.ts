import { describe, expect, it } from 'vitest';
import type { StepMetrics } from '../metrics';
import { differingSettings, merge, plannedRuns, sameComputation } from './arms';
import { COMPARISONS } from './catalogue';
import { reportMarkdown } from './report';
import { endMetrics, END_METRICS, judgeFinding, leadSentence, type ArmRuns } from './verdict';

const ACCURACY = 'eval/sampled/accuracy';
/** Runs that end with these sampled accuracies; the last line has no evaluation. */
const arm = (name: string, ...ends: number[]): ArmRuns => ({
  arm: name,
  runs: ends.map((end): StepMetrics[] => [
    { step: 0, [ACCURACY]: 0.1 },
    { step: 10, [ACCURACY]: end },
    { step: 11, reward: 1 },
  ]),
});
const { kl } = COMPARISONS;

it('compares the accuracy on further sets where the runs have them', () => {
  const further = { step: 0, 'eval/arrows:1/greedy/accuracy': 0.5, 'eval/arrows:1/greedy/mean_length': 9 };
  const labels = (lines: StepMetrics[]) => endMetrics([{ runs: [lines] }]).map(({ label }) => label);
  expect(labels([{ step: 0, [ACCURACY]: 1 }])).toEqual(END_METRICS.map(({ label }) => label));
  expect(labels([further]).slice(END_METRICS.length)).toEqual([
    'arrows:1: Accuracy, greedy',
    'arrows:1: Accuracy, sampled',
  ]);
});

describe('the verdict', () => {
  const clear = [
    arm('no KL', 0.5, 0.51, 0.52),
    arm('fixed', 0.3, 0.31, 0.32),
    arm('cosine to 0', 0.7, 0.71, 0.72),
  ];
  const noisy = [arm('no KL', 0.2, 0.9, 0.5), arm('fixed', 0.8, 0.1, 0.3), arm('cosine to 0', 0.4, 0.6, 0.5)];

  it('names the best arm and those it is ahead of', () => {
    expect(leadSentence(kl, clear)).toBe(
      'cosine to 0 ends with the highest sampled accuracy, 71.0 % over 3 runs, ahead of no KL, fixed.',
    );
    const level = [arm('no KL', 0.1, 0.12, 0.11), arm('fixed', 0.68, 0.73, 0.7), clear[2]];
    expect(leadSentence(kl, level)).toMatch(/ahead of no KL; from fixed it is not told apart\.$/);
  });

  it('does not take noise for a result', () => {
    expect(leadSentence(kl, noisy)).toMatch('not told apart');
    expect(leadSentence(kl, [arm('no KL', 0.9), arm('fixed', 0.1)])).toMatch('not told apart');
    expect(leadSentence(kl, [])).toBe('No run has reached an evaluation yet.');
  });

  it('holds the result against the paper', () => {
    const finding = kl.findings.find((f) => f.metric === ACCURACY && f.lower === 'fixed')!;
    expect(judgeFinding(finding, clear)).toMatchObject({ agreement: 'agrees' });
    expect(judgeFinding(finding, clear).sentence).toMatch(
      /^As the paper found\. Accuracy, sampled: cosine to 0 minus fixed is \+40\.0 points \(95 % interval \+3\d\.\d points to \+4\d\.\d points\)\. Paper: /,
    );
    const against = [arm('cosine to 0', 0.3, 0.31, 0.32), arm('fixed', 0.7, 0.71, 0.72)];
    expect(judgeFinding(finding, against).agreement).toBe('disagrees');
    expect(judgeFinding(finding, noisy).agreement).toBe('undecided');
    expect(judgeFinding(finding, [arm('fixed', 1)]).agreement).toBe('undecided');
  });

  it('is written up with the numbers, the paper and the settings that differ', () => {
    const report = reportMarkdown(kl, clear, 'curves.svg');
    expect(report).toContain('# KL: none, fixed, annealed');
    expect(report).toContain('ahead of no KL, fixed');
    expect(report).toMatch(/\| cosine to 0 \|.* 71\.0 \[68\.5 to 73\.5\] \|/);
    expect(report).toContain('| `kl.schedule` | none | fixed | cosine |');
    expect(report).toContain('![Curves of all arms');
  });
});

describe('arms', () => {
  it('lays changes over the base, section by section', () => {
    const base = { rollout: { temperature: 1.2, num_generations: 4 }, seed: 3 };
    expect(merge(base, { rollout: { temperature: 0.6 }, kl: { beta: 1 } })).toEqual({
      rollout: { temperature: 0.6, num_generations: 4 },
      seed: 3,
      kl: { beta: 1 },
    });
    expect(base.rollout.temperature).toBe(1.2);
  });

  it('plans every arm with every seed, seeds first', () => {
    const runs = plannedRuns(kl, [0, 7], { schedule: { max_steps: 2 } });
    expect(runs.map((r) => [r.arm, r.experiment.seed])).toEqual([
      ['no KL', 0],
      ['fixed', 0],
      ['cosine to 0', 0],
      ['no KL', 7],
      ['fixed', 7],
      ['cosine to 0', 7],
    ]);
    expect(new Set(runs.map((r) => r.experiment.name)).size).toBe(6);
    expect(runs[0].experiment.schedule).toMatchObject({ max_steps: 2, eval_steps: 20 });
  });

  it('knows equal computations by everything but their names', () => {
    const [none] = plannedRuns(kl, [0]);
    const [onPolicy, offPolicy] = plannedRuns(COMPARISONS['on-off-policy'], [0]);
    expect(sameComputation(none.experiment)).toBe(sameComputation(onPolicy.experiment));
    expect(sameComputation(none.experiment)).not.toBe(sameComputation(offPolicy.experiment));
  });
});

describe.each(Object.entries(COMPARISONS))('%s', (_, comparison) => {
  it('has arms by different names that differ in settings, and findings about them', () => {
    const names = comparison.arms.map((a) => a.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { higher, lower } of comparison.findings)
      expect(names).toEqual(expect.arrayContaining([higher, lower]));
    expect(differingSettings(comparison).length > 0).toBe(names.length > 1);
    const computations = plannedRuns(comparison, [0]).map((run) => sameComputation(run.experiment));
    expect(new Set(computations).size).toBe(computations.length);
  });
});
