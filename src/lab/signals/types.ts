/** What a rule looks at, and what it says. */
import type { StepMetrics } from '../metrics';

/** `info`: worth knowing. `warning`: the run loses by it. `alarm`: what the run shows from here on is not to be trusted. */
export type Severity = 'info' | 'warning' | 'alarm';

export interface Point {
  step: number;
  value: number;
}

/** Two values of one metric, at the first step and at the last that went into them. */
export interface Change {
  metric: string;
  from: Point;
  to: Point;
}

export interface Finding {
  /** Where it starts. */
  step: number;
  /** Where it was last seen; absent while it lasts. */
  endStep?: number;
  evidence: Change[];
  sentence: string;
}

export interface Advice {
  /** Paths in the experiment, for instance `optimizer.learning_rate`. */
  settings: string[];
  text: string;
}

/** Responses behind one value of a share: what its sampling noise follows from. */
export interface SampleSizes {
  /** Of a training step. */
  step: number;
  /** Of an evaluation. */
  greedy: number;
  sampled: number;
}

export interface Rule {
  id: string;
  title: string;
  severity: Severity;
  /** The metrics whose charts carry its marker. */
  charts: string[];
  /** What the study (arXiv 2503.04548) says of it. */
  study: string;
  advice: Advice[];
  /** @param metrics ascending by step; values may be missing, NaN or infinite */
  detect: (metrics: readonly StepMetrics[], sizes: SampleSizes) => Finding[];
}

/** What a rule found, with what the rule says of it. */
export type Signal = Finding & Omit<Rule, 'detect'>;
