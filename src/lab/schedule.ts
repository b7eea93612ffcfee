/** Where the steps of a run lie: SFT steps first, then RL steps, which are counted from 1 again. */
import type { Experiment } from './schema';

type Schedules = Pick<Experiment, 'sft' | 'schedule'>;

/** Steps of the whole run. */
export const totalSteps = ({ sft, schedule }: Schedules): number => sft.steps + schedule.max_steps;

export interface PlacedStep {
  phase: 'sft' | 'rl';
  /** Within its phase, from 1. */
  step: number;
  isLast: boolean;
  evaluates: boolean;
  saves: boolean;
}

/** @param step of the run, from 1 */
export function placeStep({ sft, schedule }: Schedules, step: number): PlacedStep {
  const { max_steps, eval_steps, save_steps } = schedule;
  if (step <= sft.steps) {
    const isLast = step === sft.steps;
    return { phase: 'sft', step, isLast, evaluates: isLast, saves: isLast || step % save_steps === 0 };
  }
  const rlStep = step - sft.steps;
  const isLast = rlStep === max_steps;
  return {
    phase: 'rl',
    step: rlStep,
    isLast,
    evaluates: isLast || rlStep % eval_steps === 0,
    saves: isLast || rlStep % save_steps === 0,
  };
}
