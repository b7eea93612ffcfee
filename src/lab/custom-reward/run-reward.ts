/** The person's own reward over a run: the values of each step, and how many responses it failed on. */
import type { RewardInput } from '../../rl/reward';
import type { Experiment } from '../schema';
import { openCustomReward, type CustomReward } from './custom-reward';

export class RunReward {
  private errors: (string | null)[] = [];

  private constructor(private readonly reward: CustomReward) {}

  /** Undefined when the experiment has none. @throws FunctionError when its code cannot be used */
  static async open({ reward }: Experiment): Promise<RunReward | undefined> {
    return reward.custom === 0 ? undefined : new RunReward(await openCustomReward(reward.custom_code));
  }

  /** What each response earns, 0 where the function failed. */
  readonly evaluate = async (inputs: readonly RewardInput[]): Promise<number[]> => {
    const { values, errors } = await this.reward.evaluate(inputs);
    this.errors.push(...errors);
    return values;
  };

  /**
   * The metrics of the step that has been evaluated.
   * @throws Error when the function failed on every response of it
   */
  endStep(): Record<string, number> {
    const failures = this.errors.filter((error) => error !== null);
    const evaluated = this.errors.length;
    this.errors = [];
    if (evaluated > 0 && failures.length === evaluated)
      throw new Error(
        `The own reward function failed on all ${evaluated} responses of the step: ${failures[0]}\n` +
          'This step was not kept; the steps before it were. Mend the function, test it on stored rollouts and start a new run.',
      );
    return { 'rewards/custom/failed': evaluated ? failures.length / evaluated : 0 };
  }

  dispose(): void {
    this.reward.dispose();
  }
}
