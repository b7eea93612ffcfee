import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../lab/presets';
import { parseExperiment } from '../../lab/schema';
import { changedPaths, draftOf, presetDraft, readDraft } from './draft';
import { FIELDS, rangeText } from './fields';

/** Paths of all leaves of a complete experiment. */
const leaves = (node: object, path = ''): string[] =>
  Object.entries(node).flatMap(([key, value]) =>
    typeof value === 'object' ? leaves(value as object, `${path}${key}.`) : [`${path}${key}`],
  );

describe('the field list', () => {
  it('covers every value of the document but its version', () => {
    const expected = leaves(parseExperiment({})).filter((path) => path !== 'version');
    expect(FIELDS.map((f) => f.path).sort()).toEqual(expected.sort());
  });

  it('knows defaults, ranges, units and choices', () => {
    expect(FIELDS.find((f) => f.path === 'rollout.num_generations')).toMatchObject({
      group: 'Rollouts',
      label: 'Rollouts per query',
      type: 'integer',
      unit: 'responses',
      min: 1,
      max: 256,
      step: 1,
      default: 8,
    });
    expect(FIELDS.find((f) => f.path === 'objective.scale_rewards')).toMatchObject({
      type: 'choice',
      options: ['group', 'batch', 'none'],
    });
    expect(FIELDS.find((f) => f.path === 'optimizer.adam_beta1')?.advanced).toBe(true);
  });

  it.each(FIELDS.map((f) => [f.path, f] as const))(
    '%s has a label, help and a range in words',
    (path, field) => {
      expect(field.label).not.toBe(path);
      expect(field.help.length).toBeGreaterThan(10);
      expect(rangeText(field)).not.toMatch(/undefined/);
    },
  );
});

describe('the draft', () => {
  it.each(Object.keys(PRESETS))('of %s reads back as the same experiment', (name) => {
    expect(readDraft(presetDraft(name))).toEqual({
      experiment: parseExperiment(PRESETS[name].experiment),
      errors: {},
      warnings: {},
    });
  });

  it('names what is wrong at its field', () => {
    const draft = {
      ...presetDraft('aha'),
      'rollout.num_generations': '0',
      'rollout.temperature': '',
      'schedule.max_steps': '2.5',
      name: '',
    };
    const { experiment, errors } = readDraft(draft);
    expect(experiment).toBeUndefined();
    expect(errors).toEqual({
      name: 'Expected: 1 to 120 characters.',
      'rollout.num_generations': 'Expected: whole number from 1 to 256.',
      'rollout.temperature': 'Expected: number from 0.05 to 4.',
      'schedule.max_steps': 'Expected: whole number from 1 to 1,000,000.',
    });
  });

  it('says at its field what does not fit together, and what to know', () => {
    const { experiment, errors, warnings } = readDraft({
      ...presetDraft('aha'),
      'rollout.num_generations': '1',
      'kl.schedule': 'fixed',
      'kl.placement': 'both',
      'objective.mask_truncated_completions': 'true',
    });
    expect(experiment).toBeUndefined();
    expect(errors['rollout.num_generations']).toMatch('at least 2');
    expect(warnings['kl.placement']).toMatch('twice');
  });

  it('knows what differs from the preset, by value', () => {
    const preset = presetDraft('aha');
    const draft = { ...preset, 'optimizer.learning_rate': '2e-4', 'rollout.temperature': '1.2', seed: '' };
    expect(changedPaths(draft, preset)).toEqual(['seed', 'rollout.temperature']);
    expect(changedPaths(draftOf(parseExperiment({})), preset)).toEqual([]);
  });
});
