/** Responses of the shipped base model, to try a reward function on before there is a run. */
import type { RewardInput } from '../../rl/reward';

const sample = (
  prompt: string,
  answer: string,
  length: number,
  correct: boolean,
  response: string,
  finished = true,
): RewardInput => ({ prompt, response, answer, correct, finished, length, maxLength: 192 });

export const SAMPLES: readonly RewardInput[] = [
  sample('9 8 2 -> 1 A:', '1', 21, true, '9 - 2 = 7 , 8 - 7 = 1 \\boxed{ 8 - ( 9 - 2 ) }'),
  sample('9 8 2 -> 1 A:', '1', 10, false, '\\boxed{ 9 - ( 8 - 2 ) }'),
  sample(
    '9 8 2 -> 1 A:',
    '1',
    54,
    false,
    '8 - 2 = 6 , 9 - 6 = 3 check 1 no wait 8 - 2 = 6 , 9 * 6 = 54 check 1 no wait 8 * 2 = 16 , 16 + 9 = 25 check 1 no \\boxed{ ( 8 * 2 ) + 9 }',
  ),
  sample(
    '13 4 2 -> 5 A:',
    '5',
    99,
    true,
    '4 + 2 = 6 , 13 - 6 = 7 check 5 no wait 4 - 2 = 2 , 13 + 2 = 15 check 5 no wait 4 - 2 = 2 , 13 - 2 = 11 check 5 no wait 4 - 2 = 2 , 13 * 2 = 26 check 5 no wait 4 * 2 = 8 , 13 + 8 = 21 check 5 no wait 4 * 2 = 8 , 13 - 8 = 5 check 5 yes \\boxed{ 13 - ( 4 * 2 ) }',
  ),
  sample('13 4 2 -> 5 A:', '5', 24, false, '4 * 2 = 8 , 13 + 8 = 21 check 5 no \\boxed{ 13 + ( 4 * 2 ) }'),
  sample(
    '9 8 2 -> 1 A:',
    '1',
    32,
    false,
    '9 * 2 = 18 , 18 + 8 = 26 check 1 no wait 9 * 2 = 18 , 18 - 8 = 10 check 1 no wait 9 +',
    false,
  ),
];
