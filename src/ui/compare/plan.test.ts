import { describe, expect, it } from 'vitest';
import { COMPARISONS } from '../../lab/comparisons/catalogue';
import { SEEDS, planOf, sharedFields, valueOf } from './plan';

const paths = (name: string) => sharedFields(COMPARISONS[name]).map(({ path }) => path);

describe('a plan', () => {
  it('lays what is changed over every arm, and keeps the rest', () => {
    const { runs } = planOf(COMPARISONS.kl, { seeds: '2', 'schedule.max_steps': '3' });
    expect(runs).toHaveLength(6);
    expect(runs.map(({ experiment }) => experiment.seed)).toEqual([0, 0, 0, 1, 1, 1]);
    expect(new Set(runs.map(({ experiment }) => experiment.schedule.max_steps))).toEqual(new Set([3]));
    expect(runs.map(({ experiment }) => experiment.kl.schedule).slice(0, 3)).toEqual([
      'none',
      'fixed',
      'cosine',
    ]);
    expect(runs[0].experiment.schedule.eval_steps).toBe(20);
  });

  it('does not offer to change what the arms differ in', () => {
    expect(paths('kl')).toContain('rollout.queries_per_step');
    expect(paths('batch-size')).not.toContain('rollout.queries_per_step');
    expect(paths('rollouts')).not.toContain('rollout.num_generations');
  });

  it('says at its field what is wrong, and what does not fit an arm', () => {
    expect(planOf(COMPARISONS.kl, { seeds: '0', 'schedule.max_steps': '' })).toEqual({
      runs: [],
      errors: {
        seeds: 'Expected: whole number from 1 to 20.',
        'schedule.max_steps': 'Expected: whole number from 1 to 1,000,000.',
      },
      conflicts: [],
    });
    const { runs, conflicts } = planOf(COMPARISONS['on-off-policy'], { 'rollout.queries_per_step': '2' });
    expect(runs).toEqual([]);
    expect(conflicts).toEqual([expect.stringMatching('cannot be split into 4 mini-batches')]);
  });

  it.each(Object.entries(COMPARISONS))('of %s is whole as it stands', (_, comparison) => {
    expect(planOf(comparison, {}).runs).toHaveLength(comparison.arms.length * Number(SEEDS.default));
    for (const field of sharedFields(comparison))
      expect(Number(valueOf(comparison, field))).toBeGreaterThan(0);
  });
});
