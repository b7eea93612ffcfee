import { describe, expect, it } from 'vitest';
import { checkExperiment, parseExperiment } from '.';
import { experimentSchema, type ExperimentInput } from './experiment';
import { parseEvalSets, usesDataset } from './eval-sets';

describe('further sets', () => {
  it('are tasks, some of their levels, or the data set', () => {
    expect(parseEvalSets(' arrows , arithmetic:1-2,modular:3 , imported ')).toEqual([
      { name: 'arrows', source: 'arrows' },
      { name: 'arithmetic:1-2', source: 'arithmetic', levels: { min: 1, max: 2 } },
      { name: 'modular:3', source: 'modular', levels: { min: 3, max: 3 } },
      { name: 'imported', source: 'imported' },
    ]);
    expect(parseEvalSets('  ')).toEqual([]);
  });

  it.each([
    ['poetry', /“poetry” is no set; there are countdown, arithmetic/],
    ['arrows,', /“” is no set/],
    ['arrows 1', /“arrows 1” is no set/],
    ['arrows, arrows', /“arrows” stands in it twice/],
    ['arrows:2-2, arrows:2', /“arrows:2” stands in it twice/],
    ['arrows:2-1', /the easiest level of “arrows:2-1” lies above the hardest/],
    ['arrows:8', /“arrows:8” holds no question: arrows has the levels 1, 2, 3, 4/],
    ['countdown:1', /“countdown:1” holds no question: countdown has no levels/],
    [Array.from({ length: 9 }, (_, i) => `imported:${i + 1}`).join(), /there are 9 sets, and at most 8/],
  ])('%s is refused', (text, message) => expect(() => parseEvalSets(text)).toThrow(message));
});

describe('an experiment', () => {
  const errorsOf = (input: ExperimentInput) =>
    checkExperiment(experimentSchema.parse(input)).errors.map(({ path, message }) => `${path}: ${message}`);

  it.each<[string, ExperimentInput, RegExp]>([
    ['unknown sets', { evaluation: { eval_dataset: 'x' } }, /further sets cannot be read: “x” is no set/],
    ['its own set', { evaluation: { eval_dataset: 'countdown' } }, /“countdown” is what the experiment is/],
    [
      'its own levels',
      { data: { task: 'arrows', max_level: 2 }, evaluation: { eval_dataset: 'arrows:1-2' } },
      /“arrows:1-2” is what the experiment is/,
    ],
    ['no data set', { evaluation: { eval_dataset: 'imported' } }, /name one there/],
  ])('is refused with %s', (_, input, message) => {
    const errors = errorsOf(input);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^evaluation\.eval_dataset: /);
    expect(errors[0]).toMatch(message);
  });

  it('may be evaluated on harder levels of its task', () => {
    const data = { task: 'arrows', max_level: 2 } as const;
    expect(errorsOf({ data, evaluation: { eval_dataset: 'arrows:3-4, countdown' } })).toEqual([]);
  });

  it('uses its data set in training, in an evaluation, or not at all', () => {
    const input = (task: 'countdown' | 'imported', eval_dataset: string) =>
      parseExperiment({ data: { task, file: 'mine' }, evaluation: { eval_dataset } });
    expect(usesDataset(input('imported', ''))).toBe(true);
    expect(usesDataset(input('countdown', 'arrows, imported:1-3'))).toBe(true);
    expect(usesDataset(input('countdown', 'arrows'))).toBe(false);
    expect(usesDataset({ data: { task: 'countdown' }, evaluation: { eval_dataset: '?!' } })).toBe(false);
  });
});
