import { describe, expect, it } from 'vitest';
import { countdown } from '../tasks/countdown';
import { countdownProblem } from '../tasks/countdown/problems';
import { judge, responseMetrics } from './judge';

const problem = countdownProblem([9, 8, 2], 15);

/** A response as it would have been sampled; its length is the number of words and the end of the sequence. */
function answer(text: string, finished = true) {
  const tokens = new Uint32Array(text.split(' ').length + (finished ? 1 : 0));
  const rollout = { problem, promptIds: [1], tokens, logps: new Float32Array(tokens.length), finished, text };
  return judge(countdown, rollout);
}

const right = '9 + 8 = 17 check 15 no wait 17 - 2 = 15 check 15 yes \\boxed{ ( 9 + 8 ) - 2 }';

describe('judge', () => {
  it('finds a right and finished answer right', () => {
    expect(answer(right)).toMatchObject({
      correct: true,
      verdict: { correct: true, extracted: '( 9 + 8 ) - 2' },
      keywords: { verification: true, reflection: true, correction: true },
      equations: { right: 2, total: 2 },
    });
  });

  it('says why a wrong answer is wrong', () => {
    expect(answer('9 + 8 = 17 \\boxed{ 9 + ( 8 * 2 ) }')).toMatchObject({
      correct: false,
      verdict: { reason: '25 is not the target 15' },
      keywords: { verification: false, reflection: false, correction: false },
    });
  });

  it('does not take an answer that was cut, right as it may be', () => {
    expect(answer(right, false)).toMatchObject({
      correct: false,
      verdict: { reason: 'cut at the token limit before it ended' },
    });
  });
});

describe('responseMetrics', () => {
  it('counts shares and lengths', () => {
    const metrics = responseMetrics([
      answer(right), // 26 words and the end
      answer('9 - 8 = 2 check 2 yes', false), // 8 words, no end; its equation is wrong
      answer('hmm'), // 1 and the end
      answer('\\boxed{ ( 9 + 8 ) - 2 }'), // 9 and the end
    ]);
    const close = (value: number): unknown => expect.closeTo(value, 12);
    expect(metrics).toEqual({
      accuracy: 0.5,
      mean_length: close((27 + 8 + 2 + 10) / 4),
      min_length: 2,
      max_length: 27,
      mean_correct_length: close((27 + 10) / 2),
      mean_wrong_length: close((8 + 2) / 2),
      completion_ratio: 0.75,
      'keywords/any': 0.5,
      'keywords/verification': 0.5,
      'keywords/reflection': 0.25,
      'keywords/correction': 0.25,
      right_equations: close(2 / 3),
    });
  });

  it('leaves out what has no value, rather than writing 0 or NaN', () => {
    const metrics = responseMetrics([answer('hmm')]);
    expect(metrics).not.toHaveProperty('mean_correct_length');
    expect(metrics).not.toHaveProperty('right_equations');
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });
});
