/** A question with a checkable answer. `prompt` is the text the policy sees, `<bos>` excluded. */
export interface Problem {
  /** Stable and unique within its task, for instance `9,8,2->1`. */
  readonly id: string;
  readonly prompt: string;
  /** Gold answer as text (Countdown: the target). */
  readonly answer: string;
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
  /** All problems of a split, in a fixed order. Splits are disjoint (Countdown: by the triple of numbers). */
  split(name: SplitName): readonly P[];
  verify(problem: P, response: string): Verdict;
  equations(response: string): EquationCount;
}
