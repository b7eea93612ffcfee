/** A comparison: one question of the study, asked as several arms that differ in a few settings. */
import type { ExperimentInput } from '../schema';

export interface Arm {
  /** Short and unique within its comparison; the paper's name where it has one. */
  name: string;
  /** What differs from the comparison's base. */
  changes: ExperimentInput;
}

/** What arXiv 2503.04548 found, in a form that a result can agree or disagree with. */
export interface Finding {
  /** `eval/sampled/accuracy` …: at the end of the run. */
  metric: string;
  /** The arm that had more of it, and the arm that had less. */
  higher: string;
  lower: string;
  /** The paper's words, shortened, with the section. */
  paper: string;
}

export interface Comparison {
  title: string;
  question: string;
  /** What all arms share. */
  base: ExperimentInput;
  arms: readonly Arm[];
  findings: readonly Finding[];
}
