import { describe, expect, it } from 'vitest';
import { answerText, hasZeroFormat, lastAnswerTag } from './format';

describe('the Zero format', () => {
  it.each([
    '<think> a </think> <answer> b </answer>',
    '<think>a</think><answer>b</answer>\n',
    // The Zero prompts end with <think>: the response goes on inside it.
    ' a </think>\n\n<answer> \\boxed{1} </answer>',
  ])('holds: %j', (text) => expect(hasZeroFormat(text)).toBe(true));

  it.each([
    ['no tags', 'the answer is 1'],
    ['nothing thought', '<think> </think> <answer> b </answer>'],
    ['nothing answered', '<think> a </think> <answer> </answer>'],
    ['words between', '<think> a </think> so <answer> b </answer>'],
    ['words after', '<think> a </think> <answer> b </answer> done'],
    ['words before', 'well <think> a </think> <answer> b </answer>'],
    ['a tag twice', '<think> a </think> <answer> b </answer> <answer> b </answer>'],
    ['the wrong order', '<answer> b </answer> <think> a </think>'],
    ['not closed', '<think> a </think> <answer> b'],
  ])('is broken by %s', (_, text) => expect(hasZeroFormat(text)).toBe(false));
});

it('finds the last answer tag, and reads it as a box', () => {
  expect(lastAnswerTag('<answer> 1 </answer> no <answer> 2 </answer>')).toBe('2');
  expect(lastAnswerTag('</answer> <answer> 2')).toBeNull();
  expect(answerText('so <answer> 2 </answer>')).toBe('\\boxed{2}');
  expect(answerText('so <answer> \\boxed{3} </answer>')).toBe('\\boxed{3}');
  expect(answerText('so \\boxed{4}')).toBe('so \\boxed{4}');
});
