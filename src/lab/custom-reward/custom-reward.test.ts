import { describe, expect, it } from 'vitest';
import type { RewardInput } from '../../rl/reward';
import { countdown } from '../../tasks/countdown';
import { countdownProblem } from '../../tasks/countdown/problems';
import { tokenIds } from '../../tasks/countdown/vocabulary';
import { parseExperiment } from '../schema';
import { openCustomReward } from './custom-reward';
import { REWARD_EXAMPLES } from './examples';
import { rewardInputs } from './inputs';
import { RunReward } from './run-reward';
import { SAMPLES } from './samples';

async function evaluate(code: string, inputs: readonly RewardInput[] = SAMPLES) {
  const reward = await openCustomReward(code);
  const result = await reward.evaluate(inputs);
  reward.dispose();
  return result;
}

it('gives each response its value, and 0 with the reason where the function fails', async () => {
  const { values, errors } = await evaluate(
    'function reward({ finished, length }) { if (!finished) throw new Error("cut"); return length / 2 }',
  );
  expect(values).toEqual(SAMPLES.map((s) => (s.finished ? s.length / 2 : 0)));
  expect(errors).toEqual(SAMPLES.map((s) => (s.finished ? null : 'Error: cut (line 1)')));
});

it('is given everything that a reward can look at', async () => {
  const names = Object.keys(SAMPLES[0]);
  const { values } = await evaluate(
    `function reward(input) { return ${JSON.stringify(names)}.join() === Object.keys(input).join() ? 1 : 0 }`,
  );
  expect(names.join()).toBe('prompt,response,answer,correct,finished,length,maxLength');
  expect(values).toEqual(SAMPLES.map(() => 1));
});

it('refuses code without a reward', async () => {
  await expect(openCustomReward('function rewards() { return 1 }')).rejects.toThrow(
    'The code defines no function named reward.',
  );
});

describe('the examples, written again here', () => {
  const expected: Record<string, (input: RewardInput) => number> = {
    'Shorter right answers earn more': (s) => (s.correct ? 1 - s.length / s.maxLength : 0),
    'A check before the box': (s) => Number(/check.*\\boxed/.test(s.response)),
    'Checks that tell the truth': (s) => Number(s.response.includes('check')),
    'Repeated equations cost': (s) => {
      const all = s.response
        .split(/ , | check \d+ no wait | check | \\boxed/)
        .filter((part) => /=/.test(part));
      return all.length ? -all.filter((e, i) => all.indexOf(e) < i).length / all.length : 0;
    },
  };
  it.each(REWARD_EXAMPLES.map((example) => [example.title, example.code]))('%s', async (title, code) => {
    const { values, errors } = await evaluate(code);
    expect(errors).toEqual(SAMPLES.map(() => null));
    values.forEach((value, i) => expect(value).toBeCloseTo(expected[title](SAMPLES[i]), 12));
    expect(new Set(values).size).toBeGreaterThan(1);
  });

  it('a check that lies earns less', async () => {
    const { code } = REWARD_EXAMPLES[2];
    const response = '1 + 1 = 2 check 3 yes wait 1 + 2 = 3 check 3 yes';
    expect((await evaluate(code, [{ ...SAMPLES[0], response }])).values).toEqual([0.5]);
  });
});

it('the samples are what they say', () => {
  for (const { prompt, response, answer, correct, finished, length } of SAMPLES) {
    const [numbers, target] = prompt.replace(' A:', '').split(' -> ');
    const [a, b, c] = numbers.split(' ').map(Number);
    const problem = countdownProblem([a, b, c], Number(target));
    expect(problem).toMatchObject({ prompt, answer });
    expect(countdown.verify(problem, response).correct).toBe(correct);
    expect(tokenIds(finished ? `${response} <eos>` : response)).toHaveLength(length);
  }
});

it('stored rollouts become what the function was given at their step', () => {
  const experiment = parseExperiment({
    sft: { steps: 2 },
    rollout: { max_completion_length: 96, context_stages: '64 until 3' },
  });
  const input = SAMPLES[0];
  const { prompt, response, answer, correct, finished, length } = input;
  const given = { prompt, response, answer, correct, finished, length };
  const rest = { kind: 'train', problemId: '', reward: 0, rewards: {}, advantage: 0, verdict: '' } as const;
  const record = { ...rest, ...given, equations: { right: 0, total: 0 } };
  const inputs = rewardInputs(
    [5, 6].map((step) => ({ ...record, step })),
    experiment,
  );
  expect(inputs).toEqual([
    { ...input, maxLength: 64 },
    { ...input, maxLength: 96 },
  ]);
  expect(rewardInputs([{ ...record, step: 1, answer: undefined }], experiment)[0].answer).toBe('');
});

describe('in a run', () => {
  const open = (custom_code: string, custom = 0.5) =>
    RunReward.open(parseExperiment({ reward: { custom, custom_code } }));

  it('is not opened when its weight is 0', async () => {
    expect(await open('this is not JavaScript', 0)).toBeUndefined();
  });

  it('counts failures step by step', async () => {
    const reward = await open('function reward({ length }) { return length > 50 ? NaN : 1 }');
    expect(await reward!.evaluate(SAMPLES)).toEqual([1, 1, 0, 0, 1, 1]);
    expect(reward!.endStep()).toEqual({ 'rewards/custom/failed': 2 / 6 });
    await reward!.evaluate(SAMPLES.slice(0, 2));
    expect(reward!.endStep()).toEqual({ 'rewards/custom/failed': 0 });
  });

  it('ends when it fails on every response of a step, over all rounds of it', async () => {
    const reward = await open('function reward({ correct }) { if (!correct) unknown(); return 1 }');
    const wrong = SAMPLES.filter((s) => !s.correct);
    await reward!.evaluate(wrong);
    await reward!.evaluate(SAMPLES);
    expect(reward!.endStep()).toEqual({ 'rewards/custom/failed': 8 / 10 });
    await reward!.evaluate(wrong);
    expect(() => reward!.endStep()).toThrow(
      /failed on all 4 responses of the step: ReferenceError: .*unknown.* \(line 1\)\n/,
    );
  });
});
