import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import type { RolloutRecord } from '../../store/types';
import { rolloutsParquet } from './parquet';

const rollout: RolloutRecord = {
  ...{ step: 3, kind: 'train', problemId: '9,8,2->1', prompt: '9 8 2 -> 1 A:' },
  ...{ response: '<tool> 9 - 8 <out> 1 </tool>', length: 4, finished: true },
  ...{ reward: 1, rewards: { output: 1 }, advantage: -0.5, correct: true, verdict: 'right' },
  equations: { right: 1, total: 2 },
};
const read = (rollouts: RolloutRecord[]) =>
  parquetReadObjects({ file: rolloutsParquet(rollouts).slice().buffer });

it('has a row a response, and a column for each term of the reward', async () => {
  const other = { ...rollout, answer: '1', rewards: { length: 0.25 } };
  const { step, kind, response, reward, correct } = rollout;
  const row = { step, kind, response, reward, correct, 'equations.right': 1, 'equations.total': 2 };
  expect(await read([rollout, other])).toMatchObject([
    { ...row, answer: null, 'rewards.output': 1, 'rewards.length': null },
    { ...row, answer: '1', 'rewards.output': null, 'rewards.length': 0.25 },
  ]);
});

it('has the calls of a tool, where there was one', async () => {
  const done = { code: 'print(1)\nprint("ü")', output: '1\nü', failed: false, timedOut: false, ms: 1.5 };
  const notRun = { code: '1 / 0', output: null, failed: false, timedOut: false, ms: 0 };
  const rows = await read([
    { ...rollout, calls: [done, notRun], toolTokens: 7 },
    { ...rollout, calls: [] },
    rollout,
  ]);
  expect(rows).toMatchObject([
    { calls: [done, notRun], toolTokens: 7 },
    { calls: [], toolTokens: null },
    { calls: null, toolTokens: null },
  ]);
  expect(Object.keys((await read([rollout]))[0])).not.toContain('calls');
});
