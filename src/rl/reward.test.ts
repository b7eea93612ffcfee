import { expect, it } from 'vitest';
import { countActions, rewardTerms, type RewardInput, type RewardSettings } from './reward';

const settings: RewardSettings = {
  output: 1,
  wrong: 0,
  format: 0,
  requireFormat: false,
  length: 0,
  actions: 0,
  actionWords: ['however', 'but', 'wait', 'verify', 'alternatively'],
  overlong: 0,
  overlongBuffer: 20,
  toolCost: 0,
  custom: 0,
};
const input: RewardInput = {
  prompt: '9 8 2 -> 1 A:',
  response: 'wait, but 9 - 8 = 1 \\boxed{ 1 }',
  answer: '1',
  correct: true,
  finished: true,
  length: 50,
  maxLength: 100,
};
const terms = (change: Partial<RewardSettings>, of: Partial<RewardInput> = {}, custom?: number) =>
  rewardTerms({ ...input, ...of }, { ...settings, ...change }, custom);

it('output: 1 for a right answer, 0 for any other, and nothing else unless it is asked for', () => {
  expect(terms({})).toEqual({ output: 1 });
  expect(terms({}, { correct: false })).toEqual({ output: 0 });
});

it('RRL: R = L/L_max + R_c, with R_c = ±1', () => {
  expect(terms({ wrong: -1, length: 1 })).toEqual({ output: 1, length: 0.5 });
  expect(terms({ wrong: -1, length: 1 }, { correct: false, length: 100 })).toEqual({ output: -1, length: 1 });
});

it('RRA: R = min(A, 20)/20 + R_c, counting whole words in any case', () => {
  expect(terms({ actions: 1 })).toEqual({ output: 1, actions: 2 / 20 });
  expect(terms({ actions: 1 }, { response: 'Wait '.repeat(50) })).toEqual({ output: 1, actions: 1 });
  expect(countActions('butter, awaiting. BUT wait', settings.actionWords)).toBe(2);
  expect(countActions('wait', [])).toBe(0);
});

it('overlong: 0 before the buffer, then in proportion, −1 at the limit', () => {
  const at = (length: number) => terms({ overlong: 1 }, { length }).overlong;
  expect([at(80), at(90), at(100)].map((x) => x + 0)).toEqual([0, -0.5, -1]);
});

it('format: a bonus, or the condition for everything else', () => {
  const zero = 'thinking </think> <answer> 1 </answer>';
  expect(terms({ format: 0.5 }, { response: zero })).toEqual({ output: 1, format: 0.5 });
  expect(terms({ format: 0.5 })).toEqual({ output: 1, format: 0 });
  expect(terms({ requireFormat: true, length: 1 })).toEqual({ output: 0 });
  expect(terms({ requireFormat: true }, { response: zero })).toEqual({ output: 1 });
});

it('custom: what the own function returned, weighed', () => {
  expect(terms({ custom: 2 }, {}, 0.25)).toEqual({ output: 1, custom: 0.5 });
});

it('tool cost: so much for each call, and nothing where there is no tool', () => {
  expect(terms({ toolCost: 0.1 }, { calls: 3 })).toEqual({
    output: 1,
    tool_cost: expect.closeTo(-0.3, 12) as number,
  });
  expect(terms({ toolCost: 0.1 }).tool_cost).toBeCloseTo(0, 12);
});
