import type { Random } from '../random';
import type { Part } from './calls';

/** A question with a checkable answer. `prompt` is the text the policy sees, `<bos>` excluded. */
export interface Problem {
  /** Stable and unique within its task, for instance `9,8,2->1`. */
  readonly id: string;
  readonly prompt: string;
  /** Gold answer as text (Countdown: the target). */
  readonly answer: string;
  /** Difficulty, from 1, where the task grades its problems. */
  readonly level?: number;
}

export type SplitName = 'train' | 'validation' | 'test';

/** What a checker found in a response. Checkers never throw: whatever the text, there is a verdict. */
export interface Verdict {
  readonly correct: boolean;
  /** The content of the last `\boxed{}`, or null when there is none. */
  readonly extracted: string | null;
  /** One plain sentence for the rollout viewer, for instance "17 is not the target 1". */
  readonly reason: string;
}

/** Equations `a op b = c` written in a response: how many, and how many are arithmetically right (the health line). */
export interface EquationCount {
  readonly right: number;
  readonly total: number;
}

export interface Task<P extends Problem = Problem> {
  readonly name: string;
  readonly title: string;
  /** The levels of its problems, ascending; none where they are not graded. */
  readonly levels: readonly number[];
  /** All problems of a split, in a fixed order. Splits are disjoint (Countdown: by the triple of numbers). */
  split(name: SplitName): readonly P[];
  verify(problem: P, response: string): Verdict;
  equations(response: string): EquationCount;
}

/** `direct` works the answer out; `reflective` writes trials and checks each: `… check 19 no wait … check 19 yes`. */
export const DEMONSTRATION_STYLES = ['direct', 'reflective'] as const;
export type DemonstrationStyle = (typeof DEMONSTRATION_STYLES)[number];

/** A task whose problems are made, not collected: it can also show how they are solved. */
export interface GeneratedTask<P extends Problem = Problem> extends Task<P> {
  /**
   * Every word of its prompts and demonstrations. Texts are words with one space between; a number is a word of digits,
   * and of numbers only the ten digits are listed.
   */
  readonly vocabulary: readonly string[];
  /**
   * A worked response, every equation and every verdict in it right, that ends in `\boxed{ … }`.
   * @param giveUp reflective only: the chance, after each failed check, to box the last trial. At 0 the answer is right.
   */
  demonstration(problem: P, random: Random, style: DemonstrationStyle, giveUp?: number): string;
  /** A demonstration with calls of a calculator in it; a call for every equation where this is absent. */
  calls?(demonstration: string): Part[];
}
