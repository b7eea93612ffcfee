/** The person's own reward over a run: the values of each step, and how many responses it failed on. */
import type { RewardInput } from '../../rl/reward';
import { FunctionError } from '../../tools/quickjs/error';
import type { Experiment } from '../schema';
import type { CustomReward } from './custom-reward';

export class RunReward {
  private errors: (string | null)[] = [];

  private constructor(private readonly reward: CustomReward) {}

  /** Undefined when the experiment has none. @throws FunctionError when its code cannot be used */
  static async open({ reward }: Experiment): Promise<RunReward | undefined> {
    if (reward.custom === 0) return undefined;
    // The interpreter is large, and few runs need it.
    const { openCustomReward } = await import('./custom-reward');
    try {
      return new RunReward(await openCustomReward(reward.custom_code));
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      throw new FunctionError(
        `The own reward function cannot be used, so nothing was computed. ${error.message}`,
      );
    }
  }

  /** What each response earns, 0 where the function failed. */
  readonly evaluate = async (inputs: readonly RewardInput[]): Promise<number[]> => {
    const { values, errors } = await this.reward.evaluate(inputs);
    this.errors.push(...errors);
    return values;
  };

  /**
   * The metrics of the step that has been evaluated.
   * @throws FunctionError when the function failed on every response of it
   */
  endStep(): Record<string, number> {
    const failures = this.errors.filter((error) => error !== null);
    const evaluated = this.errors.length;
    this.errors = [];
    if (evaluated > 0 && failures.length === evaluated)
      throw new FunctionError(
        `The own reward function failed on all ${evaluated} responses of the step: ${failures[0]}\n` +
          'This step was not kept; the steps before it were. Mend the function, test it on stored rollouts and start a new run.',
      );
    return { 'rewards/custom/failed': evaluated ? failures.length / evaluated : 0 };
  }

  dispose(): void {
    this.reward.dispose();
  }
}
