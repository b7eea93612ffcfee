/** A person's own reward: `reward(response)` in JavaScript, run apart from everything else. */
import type { RewardInput } from '../../rl/reward';
import { QuickJsFunction } from '../../tools/quickjs/function';
import type { RewardTrial } from '../protocol';

export interface RewardValues {
  /** One for each response, in order; 0 where the function failed. */
  values: number[];
  /** Why it failed, where it did. */
  errors: (string | null)[];
}

/**
 * @param code JavaScript that defines `function reward({ prompt, response, answer, correct, finished, length, maxLength })`
 * @throws FunctionError when it cannot be used
 */
export const openCustomReward = async (code: string): Promise<CustomReward> =>
  new CustomReward(await QuickJsFunction.open(code, 'reward'));

export class CustomReward {
  /** Use `openCustomReward`. */
  constructor(private readonly reward: QuickJsFunction) {}

  /** Each response is judged by itself: nothing is kept from one to the next. */
  async evaluate(inputs: readonly RewardInput[]): Promise<RewardValues> {
    const outcomes = [];
    for (const input of inputs) outcomes.push(await this.reward.call(input));
    return {
      values: outcomes.map(({ value }) => value ?? 0),
      errors: outcomes.map(({ error }) => error ?? null),
    };
  }

  dispose(): void {
    this.reward.dispose();
  }
}

/** Tries a function on responses, each by itself. @throws FunctionError when its code cannot be used */
export async function testReward(code: string, inputs: readonly RewardInput[]): Promise<RewardTrial[]> {
  const reward = await openCustomReward(code);
  const trials: RewardTrial[] = [];
  for (const input of inputs) {
    const begin = performance.now();
    const { values, errors } = await reward.evaluate([input]);
    trials.push({ value: values[0], error: errors[0], milliseconds: performance.now() - begin });
  }
  reward.dispose();
  return trials;
}
