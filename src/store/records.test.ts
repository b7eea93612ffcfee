import { expect, it } from 'vitest';
import { decodeMetrics, decodeRollout, encodeLine } from './records';
import type { RolloutRecord } from './types';

const ROLLOUT: RolloutRecord = {
  step: 3,
  kind: 'train',
  problemId: 'one',
  prompt: 'NaN',
  response: 'Infinity',
  answer: '-Infinity',
  length: 4,
  finished: true,
  reward: NaN,
  rewards: { output: NaN, code: -Infinity },
  advantage: Infinity,
  correct: false,
  verdict: 'NaN is no answer',
  equations: { right: 0, total: 0 },
  calls: [
    { code: 'NaN', output: 'Infinity', failed: false, timedOut: false, ms: NaN },
    { code: 'print(', output: null, failed: true, timedOut: false, ms: 0.5 },
  ],
  toolTokens: 2,
};

it('a line gives back what was written: numbers that JSON has not, and texts that look like them', () => {
  expect(decodeRollout(encodeLine(ROLLOUT), 'line 1')).toEqual(ROLLOUT);
  const metrics = { step: 1, loss: NaN, 'rewards/code': Infinity };
  expect(decodeMetrics(encodeLine(metrics), 'line 1')).toEqual(metrics);
});

it.each<[string, object]>([
  ['a number of calls', { calls: 5 }],
  ['a call without its code', { calls: [{ output: '1', failed: false, timedOut: false, ms: 1 }] }],
  ['a result that is no text', { calls: [{ ...ROLLOUT.calls![0], output: 4 }] }],
  ['tokens of results as text', { toolTokens: 'two' }],
])('a rollout with %s is refused by the name of its line', (_what, change) => {
  const line = JSON.stringify({ ...ROLLOUT, ...change });
  expect(() => decodeRollout(line, 'rollouts.jsonl, line 7')).toThrow(
    /^rollouts\.jsonl, line 7 is not what the lab writes/,
  );
});
